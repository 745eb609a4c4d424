import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog, OutgoingRecord } from '../../engines/event-log/port.ts';
import type { GraphStore } from '../../engines/graph-store/port.ts';
import { type WallClock, machineClock } from '../../runtime/hlc-clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Tick } from '../../schema/events/tick.ts';
import { topics } from '../../schema/topics.ts';
import type { Stage, StageMetrics } from './stage.ts';
import { Tally } from './tally.ts';

export interface TickerOptions {
  /** How long after the hour its tick comes: the time that an event may take from its clock reading to its commit. */
  readonly latenessMs: number;
  readonly clock?: WallClock;
  /** How often the clock is looked at. */
  readonly pollMs?: number;
}

export interface TickerDeps {
  readonly eventLog: EventLog;
  readonly store: GraphStore;
  readonly logger: Logger;
  readonly metrics?: StageMetrics;
}

const hourUs = 3_600_000_000;
const domain = 'live';
const readingId = `clock|${domain}`;
/** Ticks of one transaction; a longer gap takes several. */
const hoursMax = 240;

export interface Ticker extends Stage {
  /** Appends every tick that is due; resolves with their number. `start` does this again and again. */
  tickDue(): Promise<number>;
}

/**
 * Appends the ticks of the live clock domain, one per hour and partition, also for hours in which nothing ran. The newest
 * tick is kept in the graph store and moves in the transaction that appends. The first start begins with the hour that
 * is due then.
 */
export function createTicker(options: TickerOptions, deps: TickerDeps): Ticker {
  const name = `ticker-${domain}`;
  const { clock = machineClock, pollMs = 1_000, latenessMs } = options;
  const logger = deps.logger.child({ stage: name });
  const tally = new Tally(name, deps.metrics);
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  /** What is surely appended already, so that the store is asked once an hour only. */
  let knownUs = -1;

  async function tickDue(): Promise<number> {
    const dueUs = floorToHour(clock.nowUs() - latenessMs * 1000);
    let count = 0;
    while (knownUs < dueUs) {
      const step = await appendTicks(deps, dueUs);
      knownUs = step.lastUs;
      count += step.ticks;
    }
    tally.count('ok', '', count);
    return count;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await tickDue().catch((error: unknown) => {
        tally.failure();
        logger.error({ err: error }, 'tick failed; it will be tried again');
      });
      await sleep(pollMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  }

  return {
    name,
    tickDue,
    stats: () => tally.stats(),
    lag: async () => [],
    async start() {
      await deps.eventLog.partitionsOf(topics.events.name);
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** One transaction: the ticks after the newest one, up to the one that is due. */
async function appendTicks({ store, eventLog }: TickerDeps, dueUs: number): Promise<{ lastUs: number; ticks: number }> {
  const partitions = await eventLog.partitionsOf(topics.events.name);
  return store.transact(async (tx) => {
    const [reading] = await tx.get('ClockReading', [readingId]);
    const afterUs = reading?.props.lastTickUs ?? dueUs - hourUs;
    const lastUs = Math.min(dueUs, afterUs + hoursMax * hourUs);
    if (lastUs <= afterUs) return { lastUs: afterUs, ticks: 0 };
    const records: OutgoingRecord[] = [];
    for (let wallUs = afterUs + hourUs; wallUs <= lastUs; wallUs += hourUs) {
      for (let partition = 0; partition < partitions; partition += 1) records.push(tickRecord(wallUs, partition));
    }
    await tx.put({ type: 'ClockReading', id: readingId, props: { lastTickUs: lastUs } });
    await tx.append(records);
    return { lastUs, ticks: records.length / partitions };
  });
}

function tickRecord(wallUs: number, partition: number): OutgoingRecord {
  const tick: Tick = { tick: domain, wallUs };
  const id = `tick:${domain}:${wallUs}:${partition}`;
  return { topic: topics.events.name, key: `tick:${domain}`, id, partition, value: JSON.stringify(tick) };
}

function floorToHour(us: number): number {
  return us - (us % hourUs);
}
