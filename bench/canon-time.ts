/** `npm run bench -- canon-time [EVENTS] [QUERIES]`: the state of one entity with that many events at random times, first without any snapshot. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { openChdbWarehouse } from '../engines/warehouse/chdb-warehouse.ts';
import { formatHlc } from '../schema/hlc.ts';
import { eventRow } from '../streams/canon/domain/rows.ts';
import { chainOf } from '../streams/canon/testing.ts';
import { entityAt } from '../subgraphs/canon/entity-at.ts';

const insertRows = 10_000;

export async function run([count = '100000', queries = '200']: readonly string[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vcos-bench-time-'));
  const { store, eventLog } = openSqliteEngines({ directory });
  const warehouse = await openChdbWarehouse({ path: join(directory, 'warehouse') });
  try {
    await warehouse.migrate();
    const events = chainOf({
      entityId: 'busy',
      length: Number(count),
      change: (event, n) => (n === 0 ? {} : { payload: { ...event.payload, removed: [`skill ${n - 5}`] } }),
    });
    const move = { seq: 1, status: 'CANONICAL', reason: '', contradiction: null } as const;
    for (let at = 0; at < events.length; at += insertRows) {
      const rows = events
        .slice(at, at + insertRows)
        .map((event, n) => eventRow(event, move, { partition: 0, offset: at + n, leaf: at + n }));
      await warehouse.insert('platform.canon_events', rows, `bench-${at}`);
    }
    const ask = async (version: number): Promise<number> => {
      const event = events[version - 1];
      if (!event) throw new RangeError(`no version ${version}`);
      const begun = performance.now();
      const found = await entityAt({ store, warehouse }, { entityId: 'busy', at: formatHlc(event.hlc), knownAt: null });
      const ms = performance.now() - begun;
      if (found?.version !== version || found.events !== version)
        throw new Error(`version ${version} came out as ${found?.version}`);
      return ms;
    };
    console.log(`the newest state, first time, no snapshot: ${(await ask(events.length)).toFixed(0)} ms`);
    const times: number[] = [];
    const cpu = process.cpuUsage();
    for (let n = 0; n < Number(queries); n += 1) times.push(await ask(1 + randomInt(events.length)));
    const { user, system } = process.cpuUsage(cpu);
    times.sort((a, b) => a - b);
    const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
    console.log(
      `entityAt of ${events.length} events at random times: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms; ${((user + system) / 1_000 / times.length).toFixed(1)} ms of processor time each, all threads`,
    );
  } finally {
    await warehouse.close();
    await eventLog.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}
