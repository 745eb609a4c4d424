import { setTimeout as sleep } from 'node:timers/promises';
import { backOff } from '../backoff.ts';
import { PartitionRun } from '../partition-run.ts';
import type { ConsumeOptions, LogConsumer, TopicPartition } from '../port.ts';
import { FetchLoop } from './fetch-loop.ts';
import { type KafkaDeps, holdPartition } from './holding.ts';
import { type Shares, decodeShares, encodeClaims, shareOut, topicsOf } from './shares.ts';
import { type GroupOffset, type Joined, type Membership, type Wire, isWireError } from './wire.ts';

/** Heartbeats per session: as many may be late or lost. */
const heartbeatsPerSession = 8;
const patientMsMin = 50;
const patientBytesMin = 65_536;
/** What a rebalance may take besides giving partitions back. */
const rebalanceSpareMs = 10_000;

/** How long a group waits for its members to join again, in milliseconds. */
export const rebalanceMsOf = (revokeMsMax: number): number => revokeMsMax + rebalanceSpareMs;

export interface MemberDeps extends Pick<KafkaDeps, 'place'> {
  /** What an error is told as; null where nobody is to be told. */
  readonly translate: (error: unknown) => unknown;
  /** How long a handler in flight may hold up its partition's next owner, in milliseconds. */
  readonly revokeMsMax: number;
  /** A lane of its own each: a join or a fetch that waits holds up what comes after it on its lane. */
  readonly openWire: () => Wire;
  readonly partitionsOf: (topic: string) => Promise<number>;
  /** How long the group waits for a sign of life before it gives this member's partitions to others. */
  readonly sessionMsMax: number;
}

/** One member of a Kafka group: joins, keeps its place by heartbeats, runs the partitions that it is given and gives back what others get. */
export class GroupMember implements LogConsumer {
  readonly #options: ConsumeOptions;
  readonly #deps: MemberDeps;
  readonly #group: Wire;
  readonly #fetches: Wire;
  readonly #commits: Wire;
  readonly #fetchLoop: FetchLoop;
  readonly #runs = new Map<string, PartitionRun>();
  /** The end of each partition's newest run, which may be in a handler long after the partition was taken away. */
  readonly #ends = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #membership: Membership;
  #failures = 0;
  #closed: Promise<void> | null = null;

  constructor(options: ConsumeOptions, deps: MemberDeps) {
    // Options are the member's identity: two members may be given the same object.
    this.#options = { ...options };
    this.#deps = deps;
    [this.#group, this.#fetches, this.#commits] = [deps.openWire(), deps.openWire(), deps.openWire()];
    this.#fetchLoop = new FetchLoop(this.#fetches, {
      onError: (error) => this.#report(error),
      // Whoever lets batches grow for long need not be told of every record.
      bytesMin: (options.lingerMs ?? 0) >= patientMsMin ? patientBytesMin : 1,
    });
    this.#membership = { group: options.group, memberId: '', generation: -1 };
    this.#running = this.#run();
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    const released = this.#release([...this.#runs.keys()]);
    await this.#beatUntil(released).catch(() => released);
    if (this.#membership.memberId !== '') await this.#group.leave(this.#membership).catch(() => undefined);
    await this.#end();
  }

  /** Lets go at once, as a killed process does. */
  async abandon(): Promise<void> {
    this.#closing.abort();
    for (const run of this.#runs.values()) run.drop();
    await this.#end();
  }

  async #end(): Promise<void> {
    const stopped = this.#fetchLoop.close();
    await Promise.all([this.#group, this.#fetches, this.#commits].map((wire) => wire.close()));
    await stopped;
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const joined = await this.#join();
        this.#failures = 0;
        if (await this.#adopt(joined)) await this.#stay();
      } catch (error) {
        await this.#afterFailure(error);
      }
    }
  }

  async #afterFailure(error: unknown): Promise<void> {
    if (isWireError(error, 'REBALANCE_IN_PROGRESS')) return;
    if (isWireError(error, 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID')) {
      // The group took this member for dead and gave its partitions away.
      for (const run of this.#runs.values()) run.drop();
      this.#runs.clear();
      this.#membership = { group: this.#options.group, memberId: '', generation: -1 };
      return;
    }
    this.#report(error);
    await backOff(++this.#failures, this.#closing.signal);
  }

  async #join(): Promise<Shares> {
    const { group, topics } = this.#options;
    const joined = await this.#group.join({
      group,
      memberId: this.#membership.memberId,
      topics,
      text: encodeClaims({
        topics: [...topics],
        owned: this.#owned(),
        generation: this.#membership.generation,
        bornMs: Math.round(performance.timeOrigin),
      }),
      sessionMsMax: this.#deps.sessionMsMax,
      rebalanceMsMax: rebalanceMsOf(this.#deps.revokeMsMax),
    });
    const { memberId, generation } = joined;
    this.#membership = { group, memberId, generation };
    const text = await this.#group.sync({ group, memberId, generation, assignments: await this.#lead(joined) });
    return decodeShares(text);
  }

  async #lead({ members }: Joined): Promise<ReturnType<typeof shareOut>> {
    const topics = await Promise.all(
      topicsOf(members).map(async (topic) => [topic, await this.#deps.partitionsOf(topic)] as const),
    );
    const { group, isStateless = false } = this.#options;
    return shareOut(members, new Map(topics), { group, isStateless });
  }

  /** Starts what is new and gives back what is gone. False when something was given back: then the group shares it out again. */
  async #adopt(shares: Shares): Promise<boolean> {
    const given = Object.entries(shares).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    const names = new Set(given.map(({ topic, partition }) => `${topic}/${partition}`));
    for (const where of given) {
      const name = `${where.topic}/${where.partition}`;
      if (!this.#runs.has(name)) this.#begin(name, where);
    }
    const gone = [...this.#runs.keys()].filter((name) => !names.has(name));
    if (gone.length === 0) return true;
    const released = this.#release(gone);
    // The group must not take a member for dead whose handlers take their time.
    await this.#beatUntil(released);
    return false;
  }

  #begin(name: string, where: TopicPartition): void {
    const run = new PartitionRun(this.#options, where, {
      hold: () => holdPartition(this.#options, where, this.#holdingDeps()),
      onError: (error) => {
        const told = this.#deps.translate(error);
        if (told !== null) this.#options.onError(told, where);
      },
      revokeMsMax: this.#deps.revokeMsMax,
      after: this.#ends.get(name),
    });
    this.#runs.set(name, run);
    this.#ends.set(name, run.finished);
  }

  #holdingDeps(): KafkaDeps {
    const confirmMembership = async (): Promise<void> => {
      await this.#commits.heartbeat(this.#membership).catch((error: unknown) => {
        if (!isWireError(error, 'REBALANCE_IN_PROGRESS')) throw error;
      });
    };
    const saveOffset = (offset: GroupOffset): Promise<void> => this.#commits.saveOffset(this.#membership, offset);
    return { saveOffset, wire: this.#commits, fetchLoop: this.#fetchLoop, place: this.#deps.place, confirmMembership };
  }

  async #release(names: readonly string[]): Promise<void> {
    const runs = names.flatMap((name) => this.#runs.get(name) ?? []);
    await Promise.all(runs.map((run) => run.release()));
    for (const name of names) this.#runs.delete(name);
  }

  async #stay(): Promise<void> {
    for (;;) {
      await this.#pause(this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      await this.#group.heartbeat(this.#membership);
    }
  }

  /** Heartbeats until something is done. */
  async #beatUntil(done: Promise<void>): Promise<void> {
    const ended = new AbortController();
    const beats = this.#beat(ended.signal);
    await done.finally(() => ended.abort());
    await beats;
  }

  async #beat(ended: AbortSignal): Promise<void> {
    for (;;) {
      await this.#pause(ended);
      if (ended.aborted) return;
      await this.#group.heartbeat(this.#membership).catch((error: unknown) => {
        // It joins again anyway, as soon as it can.
        if (!isWireError(error, 'REBALANCE_IN_PROGRESS')) throw error;
      });
    }
  }

  async #pause(until: AbortSignal): Promise<void> {
    const ms = Math.max(20, this.#deps.sessionMsMax / heartbeatsPerSession);
    await sleep(ms, undefined, { signal: until }).catch(() => undefined);
  }

  #owned(): Record<string, number[]> {
    const owned: Record<string, number[]> = {};
    for (const name of this.#runs.keys()) {
      const at = name.lastIndexOf('/');
      (owned[name.slice(0, at)] ??= []).push(Number(name.slice(at + 1)));
    }
    return owned;
  }

  #report(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const told = this.#deps.translate(error);
    if (told !== null) this.#options.onError(told, null);
  }
}
