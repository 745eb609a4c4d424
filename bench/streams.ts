import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainOf } from '../streams/canon/testing.ts';
import { startCanon, whenDrained } from './shared/canon-run.ts';

const creators = 500;
const eventsEach = 40;

/** Events of 500 creators, interleaved as a community's are: from the log through canon into the warehouse, in one process. */
export async function run(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vcos-bench-streams-'));
  const chains = Array.from({ length: creators }, (_, n) => chainOf({ entityId: `creator-${n}`, length: eventsEach }));
  const events = Array.from({ length: eventsEach }, (_, version) => chains.map((chain) => chain[version])).flat();
  const canon = await startCanon({ directory });
  try {
    const startedAt = performance.now();
    await canon.append(events);
    const appendedAt = performance.now();
    await whenDrained(canon.stages.slice(0, 1));
    const judgedAt = performance.now();
    await whenDrained(canon.stages);
    const storedAt = performance.now();
    const [counted] = await canon.warehouse.query<{ n: string }>(
      'SELECT count() AS n FROM platform.canon_events FINAL',
    );
    print('events', events.length, `of ${creators} entities; rows in the warehouse: ${counted?.n}`);
    print('appended', rate(events.length, appendedAt - startedAt), 'events/s, while canon was running already');
    print('through canon', rate(events.length, judgedAt - startedAt), 'events/s from the first append');
    print(
      'in the warehouse',
      rate(events.length, storedAt - startedAt),
      'events/s from the first append, events and status rows',
    );
    print('memory', Math.round(process.memoryUsage().rss / 1_048_576), 'MiB resident');
    await printLatency(canon);
  } finally {
    await canon.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** How long single events take from their commit until a query finds them. */
async function printLatency(canon: Awaited<ReturnType<typeof startCanon>>): Promise<void> {
  const waits: number[] = [];
  for (const event of chainOf({ entityId: 'alone', length: 20 })) {
    await canon.append([event]);
    const committedAt = performance.now();
    const sql =
      'SELECT 1 AS found FROM platform.canon_events WHERE entity_id = {entity:String} AND entity_version = {version:UInt32}';
    while ((await canon.warehouse.query(sql, { entity: 'alone', version: event.entityVersion })).length === 0);
    waits.push(performance.now() - committedAt);
  }
  waits.sort((a, b) => a - b);
  print(
    'event → row',
    Math.round(waits[10] ?? 0),
    `ms median, ${Math.round(waits.at(-1) ?? 0)} ms at most, of ${waits.length} single events`,
  );
}

function rate(count: number, ms: number): number {
  return Math.round(count / (ms / 1000));
}

function print(what: string, figure: number, unit: string): void {
  console.log(`${what.padEnd(18)}${figure.toLocaleString('en').padStart(10)} ${unit}`);
}
