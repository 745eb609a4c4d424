/**
 * `npm run bench -- canon-disputes [DISPUTES] [CLAIMS]`: canon's docket under load, in one process. So many entities have an event in dispute each; then one entity has so many events on
 * one docket. Figures are of the processor's own time: decoding, chain, resolution, state with its changelog, rows.
 */
import type { LogRecord } from '../engines/event-log/port.ts';
import { type CanonEvent, GENESIS_HASH, canonicalJson } from '../schema/events/envelope.ts';
import { topics } from '../schema/topics.ts';
import { canonProcessor } from '../streams/canon/canon-pipeline.ts';
import { dockets } from '../streams/canon/docket.ts';
import { chainOf, sealHash } from '../streams/canon/testing.ts';
import { PartitionRunner } from '../streams/shared/partition-runner.ts';

const batch = 500;
const hourMs = 3_600_000;

type Runner = InstanceType<typeof PartitionRunner>;

function newRunner(): Runner {
  return new PartitionRunner(canonProcessor, {
    changelog: 'changelog',
    partition: 0,
    nowMs: () => 0,
    onOutcome: (outcome, reason) => {
      if (outcome === 'deadLetter') throw new Error(reason);
    },
  }) as unknown as Runner;
}

/** Feeds events and prints what it took. */
function feed(runner: Runner, what: string, events: readonly CanonEvent[]): void {
  const records = events.map((event, offset): LogRecord => ({
    ...{ topic: topics.events.name, partition: 0, offset, key: event.entity.id, id: event.id, appendedAtMs: 0 },
    value: canonicalJson(event),
  }));
  const cpu = process.cpuUsage();
  let [changelogChars, rows] = [0, 0];
  for (let at = 0; at < records.length; at += batch) {
    for (const { topic, value } of runner.handle(records.slice(at, at + batch))) {
      if (topic === 'changelog') changelogChars += value?.length ?? 0;
      else rows += 1;
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  const ms = (user + system) / 1_000;
  const rate = Math.round((events.length / ms) * 1_000).toLocaleString('en');
  console.log(
    `${what.padEnd(58)} ${String(Math.round(ms)).padStart(6)} ms, ${rate}/s; ${(rows / events.length).toFixed(1)} rows and ${Math.round(changelogChars / events.length)} characters of state each`,
  );
}

function tick(runner: Runner, atMs: number): void {
  const record: LogRecord = {
    ...{ topic: topics.events.name, partition: 0, offset: 0, key: 'tick', id: `tick ${atMs}`, appendedAtMs: atMs },
    value: `{"tick":"live","wallUs":${atMs * 1_000}}`,
  };
  const cpu = process.cpuUsage();
  const outgoing = runner.handle([record]);
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `a tick after ${Math.round(atMs / hourMs)} h: ${((user + system) / 1_000).toFixed(1)} ms, ${outgoing.filter(({ topic }) => topic === topics.canonCases.name).length} cases escalated`,
  );
}

/** Somebody's decision of the review of an agent's event. */
function decisionOf(disputed: CanonEvent, n: number): CanonEvent {
  const caseId = `EMERGENT:${disputed.id}`;
  return sealHash({
    ...disputed,
    ...{ id: `decision ${n}`, type: 'canon.review-decided', source: 'CREATOR', actor: 'guardian' },
    ...{ entity: { type: 'CanonCase', id: caseId }, entityVersion: 1, prevHash: GENESIS_HASH },
    payload: {
      ...{ caseId, logKey: disputed.entity.id, favours: null, ground: 'EVIDENCE' },
      verdict: n % 2 === 0 ? 'ACCEPT' : 'REJECT',
    },
  });
}

export async function run([disputes = '10000', claims = '200']: readonly string[]): Promise<void> {
  const runner = newRunner();
  const chains = Array.from({ length: Number(disputes) }, (_, n) =>
    chainOf({
      ...{ entityId: `creator-${n}`, length: 3, startUs: 1_700_000_000_000_000 + n },
      change: (_event, index) => (index === 1 ? { source: 'IMVU' as const } : {}),
    }),
  );
  const [first, second, third] = [0, 1, 2].map((index) => chains.map((chain) => chain[index] as CanonEvent));
  feed(runner, 'plain events, nothing in dispute', first as CanonEvent[]);
  feed(runner, 'an agent’s event on each entity goes on its docket', second as CanonEvent[]);
  console.log(`  ${runner.state.entries(dockets).length.toLocaleString('en')} dockets are open`);
  feed(runner, 'a plain event behind each of them', third as CanonEvent[]);
  feed(newRunner(), '  for comparison: plain events, on an empty state', first as CanonEvent[]);
  tick(runner, hourMs);
  tick(runner, 2 * hourMs);
  tick(runner, 80 * hourMs);
  feed(runner, 'each is decided', (second as CanonEvent[]).map(decisionOf));
  console.log(`  ${runner.state.entries(dockets).length.toLocaleString('en')} dockets are open`);

  const long = chainOf({
    ...{ entityId: 'long', length: Number(claims) },
    change: (_event, index) => (index === 1 ? { source: 'IMVU' as const } : {}),
  });
  const one = newRunner();
  feed(one, `${claims} events on one docket`, long);
  feed(one, 'its decision, which settles all of them', [decisionOf(long[1] as CanonEvent, 0)]);
  return Promise.resolve();
}
