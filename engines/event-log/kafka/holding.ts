import { setTimeout as sleep } from 'node:timers/promises';
import type { Given, Holding } from '../partition-run.ts';
import { lostTo } from '../partition-run.ts';
import {
  type ConsumeOptions,
  type LogRecord,
  type OutgoingRecord,
  type TopicPartition,
  batchCharsMax,
} from '../port.ts';
import type { Cursor, FetchLoop } from './fetch-loop.ts';
import { type PlacedRecord, Transactions } from './transactions.ts';
import { type GroupOffset, type Wire, WireError, isWireError } from './wire.ts';

/** Batches that are read ahead per partition. */
const aheadBatches = 2;
const aheadRecordsMin = 200;
/** A batch with a delay of its own may wait as long as commits take, and no longer than this. */
const lingerMsMax = 100;
/** How long the group may take to share its partitions out, and how often an offset is offered meanwhile. */
const shareOutMsMax = 30_000;
const shareOutPollMs = 20;

export interface KafkaDeps {
  readonly wire: Wire;
  readonly fetchLoop: FetchLoop;
  /** Finds each record's partition; rejects for topics that nobody made. */
  readonly place: (records: readonly OutgoingRecord[]) => Promise<readonly PlacedRecord[]>;
  /** Moves the group's offset as the member that this is now; refused where it is none any more. */
  readonly saveOffset: (offset: GroupOffset) => Promise<void>;
  /** Rejects where the group no longer counts this member in: who is out must not fence its heirs. */
  readonly confirmMembership: () => Promise<void>;
}

/** Holds a partition on Kafka. Opens the transactional id of the group's partition first: from then on no earlier owner can commit, and the committed offset is final. */
export async function holdPartition(options: ConsumeOptions, where: TopicPartition, deps: KafkaDeps): Promise<Holding> {
  const { group } = options;
  const { topic, partition } = where;
  await deps.confirmMembership();
  const transactions = await Transactions.open(deps.wire, `${group}-${topic}-${partition}`);
  const [committed] = await deps.wire.committed(group, topic, [partition]);
  // Whoever begins takes what is there, which may have lost its oldest.
  const from = committed ?? (await deps.wire.starts(topic, partition + 1))[partition] ?? 0;
  const inbox = new Inbox({ group, ...where }, from, options.batchMax);
  const { fetchLoop } = deps;
  let isRead = false;
  let commitMs = 0;
  return {
    next(leaving) {
      // Not before the state is restored: what is read ahead takes room.
      if (!isRead) fetchLoop.add(inbox);
      isRead = true;
      const lingerMs =
        options.lingerMs === undefined || options.lingerMs === 0 ? 0 : lingerOf(options.lingerMs, commitMs);
      return inbox.next({ ...options, lingerMs }, leaving, () => fetchLoop.wake());
    },
    async commit(outputs, next, lost) {
      const offset = { group, ...where, next };
      const placed = await deps.place(outputs);
      if (lost.aborted) throw lostTo(where);
      const startedMs = performance.now();
      if (placed.length > 0) await transactions.commit(placed, [offset]);
      else await moveOffset(offset, lost, deps);
      commitMs = performance.now() - startedMs;
      inbox.committed();
    },
    end: () => fetchLoop.remove(inbox),
  };
}

/** A commit costs the broker five requests whatever is in it: where they take their time, batches grow meanwhile, which is what makes them fewer. */
const lingerOf = (askedMs: number, commitMs: number): number => Math.max(askedMs, Math.min(commitMs, lingerMsMax));

/**
 * A batch without outputs moves the offset alone: one request instead of a transaction's five. The group refuses it to whoever is no member of its generation any more; while
 * the group shares its partitions out anew, this one is still its owner's, who asks again under its new number.
 */
async function moveOffset(offset: GroupOffset, lost: AbortSignal, { saveOffset }: KafkaDeps): Promise<void> {
  const deadline = Date.now() + shareOutMsMax;
  for (;;) {
    if (lost.aborted) throw lostTo(offset);
    try {
      return await saveOffset(offset);
    } catch (error) {
      const passing = isWireError(error, 'REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION');
      if (!passing || Date.now() > deadline) throw error;
      await sleep(shareOutPollMs);
    }
  }
}

const charsOf = ({ value }: LogRecord): number => value?.length ?? 0;

/** Records of a partition that were read and not handled yet. */
class Inbox implements Cursor {
  readonly topic: string;
  readonly partition: number;
  readonly #group: string;
  position: number;
  /** The offset after everything that was given out, control records included. */
  #given: number;
  /** Batches that were given out and are not committed yet: meanwhile only full ones are given out, others grow. */
  #uncommitted = 0;
  readonly #roomFor: number;
  #records: LogRecord[] = [];
  /** Of the values of these records. */
  #chars = 0;
  #failure: { readonly error: unknown } | null = null;
  #news: () => void = () => undefined;

  constructor({ group, topic, partition }: TopicPartition & { group: string }, from: number, batchMax: number) {
    this.#group = group;
    this.topic = topic;
    this.partition = partition;
    this.position = from;
    this.#given = from;
    this.#roomFor = Math.max(aheadRecordsMin, batchMax * aheadBatches);
  }

  wants(): boolean {
    const hasRoom = this.#records.length < this.#roomFor && this.#chars < batchCharsMax * aheadBatches;
    return this.#failure === null && hasRoom;
  }

  /** Whoever holds the partition takes it up anew, by the offset that the group has then. */
  failed(error: unknown): void {
    const { topic, partition, position } = this;
    this.#failure = {
      error: isWireError(error, 'OFFSET_OUT_OF_RANGE')
        ? new WireError(
            error.code,
            `${topic}/${partition} has no offset ${position}, at which group ${this.#group} is to go on: records were removed that it had not handled, or the topic is an older copy. Bring them back, or set the group's offset (kafka-consumer-groups.sh --reset-offsets) and do without them`,
            { cause: error },
          )
        : error,
    };
    this.#news();
  }

  committed(): void {
    this.#uncommitted -= 1;
    this.#news();
  }

  take(records: readonly LogRecord[]): void {
    for (const record of records) {
      this.#records.push(record);
      this.#chars += charsOf(record);
    }
    this.#news();
  }

  /** How many of the records make a batch, fewer than `max` where they are long. */
  #countFor(max: number): number {
    let chars = 0;
    const beyond = this.#records.findIndex((record, n) => n === max || (chars += charsOf(record)) >= batchCharsMax);
    if (beyond === -1) return this.#records.length;
    return beyond === max ? max : beyond + 1;
  }

  /**
   * The next batch; an empty one when only control records came, so that the group's offset goes past them; null when the partition is
   * asked back.
   */
  async next(
    { batchMax, lingerMs = 0 }: Pick<ConsumeOptions, 'batchMax' | 'lingerMs'>,
    leaving: AbortSignal,
    onRoom: () => void,
  ): Promise<Given | null> {
    let dueMs: number | null = null;
    while (!leaving.aborted) {
      if (this.#failure !== null) throw this.#failure.error;
      const there = this.#records.length;
      const isDue = there > 0 && this.#uncommitted === 0 && (lingerMs === 0 || (dueMs !== null && Date.now() >= dueMs));
      if (there >= batchMax || this.#chars >= batchCharsMax || isDue) {
        const records = this.#records.splice(0, this.#countFor(batchMax));
        for (const record of records) this.#chars -= charsOf(record);
        const first = this.#records[0];
        onRoom();
        return this.#give(records, first === undefined ? this.position : first.offset);
      }
      if (there === 0 && this.position > this.#given && this.#uncommitted === 0) return this.#give([], this.position);
      if (there > 0 && this.#uncommitted === 0) dueMs ??= Date.now() + lingerMs;
      await this.#wait(dueMs, leaving);
    }
    return null;
  }

  #give(records: readonly LogRecord[], next: number): Given {
    this.#given = next;
    this.#uncommitted += 1;
    return { records, next };
  }

  #wait(dueMs: number | null, leaving: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = dueMs === null ? undefined : setTimeout(() => done(), Math.max(1, dueMs - Date.now()));
      const done = (): void => {
        clearTimeout(timer);
        leaving.removeEventListener('abort', done);
        this.#news = () => undefined;
        resolve();
      };
      this.#news = done;
      leaving.addEventListener('abort', done);
    });
  }
}
