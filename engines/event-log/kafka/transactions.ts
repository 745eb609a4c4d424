import type { OutgoingRecord } from '../port.ts';
import type { Chunk, GroupOffset, Placed, Producer, Wire } from './wire.ts';

/** A transaction that its producer left open is aborted by the broker after this time: until then it hides what others append behind it. */
const timeoutMs = 10_000;
const chunkRecordsMax = 5_000;
const chunkCharsMax = 1_000_000;
/** A record and the partition that it goes to. */
export interface PlacedRecord {
  readonly record: OutgoingRecord;
  readonly partition: number;
}

export interface Place {
  readonly partition: number;
  readonly offset: number;
}

/**
 * The transactions of one transactional id, one at a time. Opening it fences whoever had the id before. After any failure it is of
 * no more use: what was written is undone, or decided already, when the id is opened anew.
 */
export class Transactions {
  readonly #wire: Wire;
  readonly #producer: Producer;
  readonly #sequences = new Map<string, number>();

  private constructor(wire: Wire, producer: Producer) {
    this.#wire = wire;
    this.#producer = producer;
  }

  static async open(wire: Wire, transactionalId: string): Promise<Transactions> {
    const producer = await wire.initProducer(transactionalId, timeoutMs);
    return new Transactions(wire, producer);
  }

  /** Appends the records and moves offsets of one group, together or not at all. Resolves with the places, in the order of the records. */
  async commit(records: readonly PlacedRecord[], offsets: readonly GroupOffset[]): Promise<readonly Place[]> {
    const [wire, producer] = [this.#wire, this.#producer];
    const places = new Array<Place>(records.length);
    // Records and offset are made part of it side by side; both are in, or the id is of no more use.
    await bothOf(this.#append(records, places), this.#moveOffsets(offsets));
    await wire.end(producer, 'commit');
    return places;
  }

  async #append(records: readonly PlacedRecord[], places: Place[]): Promise<void> {
    const rounds = roundsOf(records);
    const [first] = rounds;
    if (first === undefined) return;
    await this.#wire.addPartitions(this.#producer, partitionsOf(first));
    for (const round of rounds) await this.#produce(round, places);
  }

  async #moveOffsets(offsets: readonly GroupOffset[]): Promise<void> {
    const [first] = offsets;
    if (first === undefined) return;
    await this.#wire.addOffsets(this.#producer, first.group);
    await this.#wire.commitOffsets(this.#producer, first.group, offsets);
  }

  async #produce(round: readonly Run[], places: Place[]): Promise<void> {
    const chunks = round.map(({ topic, partition, records }): Chunk => {
      const name = nameOf(topic, partition);
      const sequence = this.#sequences.get(name) ?? 0;
      this.#sequences.set(name, (sequence + records.length) % 2 ** 31);
      return { topic, partition, sequence, records };
    });
    const placed = await this.#wire.produce(this.#producer, chunks);
    const firsts = new Map(placed.map((each: Placed) => [nameOf(each.topic, each.partition), each.firstOffset]));
    for (const { topic, partition, indexes } of round) {
      const first = firsts.get(nameOf(topic, partition));
      if (first === undefined) throw new Error(`Kafka did not say where it put records of ${topic}/${partition}`);
      indexes.forEach((index, n) => (places[index] = { partition, offset: first + n }));
    }
  }
}

/** Waits for both to end, whatever becomes of one: nothing may be under way when a transaction is given up. */
async function bothOf(one: Promise<void>, other: Promise<void>): Promise<void> {
  for (const outcome of await Promise.allSettled([one, other])) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Consecutive records of one partition that travel together, and where they stood among all. */
interface Run {
  readonly topic: string;
  readonly partition: number;
  readonly records: OutgoingRecord[];
  readonly indexes: number[];
}

interface OpenRun {
  readonly run: Run;
  readonly round: number;
  chars: number;
}

/** Every round holds one bounded run per partition, the first one of each; later runs of a partition come in later rounds. */
function roundsOf(records: readonly PlacedRecord[]): Run[][] {
  const rounds: Run[][] = [];
  const current = new Map<string, OpenRun[]>();
  for (const [index, { record, partition }] of records.entries()) {
    let ofTopic = current.get(record.topic);
    if (ofTopic === undefined) current.set(record.topic, (ofTopic = []));
    const chars = record.key.length + record.id.length + (record.value?.length ?? 0);
    let open = ofTopic[partition];
    if (!open || open.run.records.length >= chunkRecordsMax || open.chars + chars > chunkCharsMax) {
      const run: Run = { topic: record.topic, partition, records: [], indexes: [] };
      open = { run, round: open ? open.round + 1 : 0, chars: 0 };
      ofTopic[partition] = open;
      (rounds[open.round] ??= []).push(run);
    }
    open.run.records.push(record);
    open.run.indexes.push(index);
    open.chars += chars;
  }
  return rounds;
}

function partitionsOf(round: readonly Run[]): { topic: string; partitions: number[] }[] {
  const byTopic = Map.groupBy(round, ({ topic }) => topic);
  return [...byTopic].map(([topic, runs]) => ({ topic, partitions: runs.map(({ partition }) => partition) }));
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
