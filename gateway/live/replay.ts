import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { EventLog, LogRecord } from '../../engines/event-log/port.ts';
import type { Claims } from '../../runtime/identity.ts';
import type { Channel, Sink } from './channel.ts';
import type { Positions } from './cursor.ts';
import type { EventAnswers } from './event-answers.ts';
import type { LiveStream, Payload } from './live-stream.ts';
import { pause } from './pause.ts';

export interface ReplayOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly stream: LiveStream;
  readonly channel: Channel;
  readonly answers: EventAnswers;
  /** The replay asks with the rights of its own subscriber. */
  readonly claims: Claims | null;
  readonly logger: Logger;
  /** Where the channel's tail is. */
  readonly tailPositions: () => Positions;
  /** Where the subscriber stopped. */
  readonly from: Positions;
  /** Live payloads that may wait for the replay. */
  readonly heldMax: number;
}

/** Records read at once. */
const pageRecords = 128;
const backoffMsMax = 5_000;

/**
 * Reads the log for one subscriber from where it stopped, then hands it over to its channel without gap or repeat.
 *
 * In rounds: the tail's position is taken as the goal, and at that instant the channel begins to hand over, to `Held`, what
 * comes at or after the goal. The log is read up to the goal exactly, then what was held is passed on, and in the
 * instant in which nothing is held any more the channel's payloads go to the stream itself. When more came than may
 * be held, another round begins where the last one got to; each is shorter than the one before unless the reader is slower
 * than the writers, and then it reads from the log for as long as it is, without loss.
 */
export async function replay(options: ReplayOptions): Promise<void> {
  const { stream, channel, tailPositions, heldMax } = options;
  const position = [...options.from];
  while (!stream.isClosed()) {
    const goal = tailPositions().map((offset, partition) => Math.max(offset, position[partition] ?? 0));
    const held = new Held(heldMax);
    channel.deliver(stream, held, goal);
    await readUpTo(goal, position, options);
    for (let next = held.take(); next && !stream.isClosed(); next = held.take()) {
      await stream.room();
      stream.push(next);
      next.positions.forEach((offset, partition) => (position[partition] = offset));
    }
    if (held.overflowed) continue;
    // Nothing can have come since the last look: there is no await between.
    channel.deliver(stream, stream, goal);
    return;
  }
}

/** Moves `position` to `goal`, pushing what lies between as fast as it is read by the client. */
async function readUpTo(goal: Positions, position: number[], options: ReplayOptions): Promise<void> {
  const { stream } = options;
  for (let partition = 0; partition < goal.length;) {
    const end = goal[partition] ?? 0;
    const from = position[partition] ?? 0;
    if (stream.isClosed()) return;
    if (from >= end) {
      partition += 1;
      continue;
    }
    const records = await readPage({ partition, from, limit: Math.min(pageRecords, end - from) }, options);
    for (const record of records) {
      if (record.offset >= end) break;
      position[partition] = record.offset + 1;
      await pushRecord(record, position, options);
      if (stream.isClosed()) return;
    }
    const last = records.at(-1)?.offset;
    if (last === undefined || last >= end) position[partition] = end;
    // Records that nobody asked for are passed over without waiting for anything: others must get their turn.
    await setImmediate();
  }
}

async function pushRecord(record: LogRecord, position: Positions, options: ReplayOptions): Promise<void> {
  const { answers, claims, stream, logger } = options;
  const representation = answers.represent(record);
  if (!representation) return;
  try {
    const payload = await answers.answer(representation, [...position], claims);
    if (!payload) return;
    await stream.room();
    stream.push(payload);
  } catch (error) {
    logger.error({ err: error }, 'a replayed event could not be answered');
    stream.drop(1);
  }
}

/** An outage of the log is waited out. */
async function readPage(
  page: { readonly partition: number; readonly from: number; readonly limit: number },
  { log, topic, stream, logger }: ReplayOptions,
): Promise<readonly LogRecord[]> {
  for (let failures = 1; !stream.isClosed(); failures += 1) {
    try {
      return await log.read({ topic, ...page });
    } catch (error) {
      logger.warn({ err: error, topic }, 'reading the log for a replay failed; trying again');
      await pause(Math.min(50 * 2 ** failures, backoffMsMax), stream.closed);
    }
  }
  return [];
}

/** Live payloads of a subscriber whose replay is not done. Once there are too many they are all let go. */
class Held implements Sink {
  readonly #payloads: Payload[] = [];
  readonly #max: number;
  overflowed = false;

  constructor(max: number) {
    this.#max = max;
  }

  push(payload: Payload): void {
    if (this.overflowed) return;
    if (this.#payloads.length >= this.#max) this.drop();
    else this.#payloads.push(payload);
  }

  /** What the channel lost is read from the log. */
  drop(): void {
    this.overflowed = true;
    this.#payloads.length = 0;
  }

  take(): Payload | undefined {
    return this.#payloads.shift();
  }
}
