import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  type Answer,
  type PlatformProcess,
  ask,
  copyKeys,
  makeDataDir,
  makeEpochKeys,
  run,
  startPlatformProcess,
} from './platform-process.ts';
import { loadKeys } from '../composition/platform.ts';
import { nodeCatalogue } from '../schema/graph/catalogue.ts';
import { topics } from '../schema/topics.ts';
import { issueToken } from '../runtime/issuer.ts';
import { type Roles, startRoles } from './roles.ts';
import { type Row, type Tables, itsOwn, withoutPatternTime, withoutPlace } from './tables.ts';

/** How many lines of the demo are loaded: a number, or `all`. */
const wanted = process.env['SAME_ANSWERS_LINES'] ?? '800';
const lines = wanted === 'all' ? Number.POSITIVE_INFINITY : Number(wanted);
const loadMsMax = wanted === 'all' ? 3_600_000 : 900_000;
const folder = join(import.meta.dirname, 'same-answers');
const told = z
  .record(
    z.string(),
    z.strictObject({
      as: z.string().optional(),
      scopes: z.string().optional(),
      variables: z.record(z.string(), z.unknown()).optional(),
    }),
  )
  .parse(JSON.parse(readFileSync(join(folder, 'variables.json'), 'utf8')));

/** In the order of their names: changes come last. */
const operations = readdirSync(join(folder, 'operations'))
  .sort()
  .map((file) => basename(file, '.graphql'));

/** As `events` has on Kafka unless told otherwise. */
const partitions = Number(process.env['SAME_ANSWERS_PARTITIONS'] ?? topics.events.partitions);

type Ask = (url: string, name: string) => Promise<Answer>;

/** Who has been up for longer has decided more trust levels of its own since: those are events of the live clock. */
const isReplayed = ({ hlc }: Row): boolean => String(hlc).includes('.replay:');

/** What the community itself consists of; trees have one node per partition, and levels and badges are given by and by. */
const ownTypes: readonly string[] = [
  'Creator',
  'Artifact',
  'ArtifactRevision',
  'Contribution',
  'Space',
  'Post',
  'Invitation',
  'Appeal',
  'CollaborationRound',
  'Certificate',
];
const nodesOf = ({ nodes }: Tables): Record<string, number | undefined> =>
  Object.fromEntries(
    Object.keys(nodeCatalogue).flatMap((type, n) => (ownTypes.includes(type) ? [[type, nodes[n]]] : [])),
  );

const hourS = 3_600;
/** An hour that ends between the two sides' answers would be in one of them alone: on this clock the next one is told 55 minutes from now. */
const steadyClock = { TICK_LATENESS_MS: String((Date.now() - 300_000) % (hourS * 1_000)) };
const monthsOfDemo = ['03', '04', '05', '06', '07', '08', '09'].map((month) => `2018-${month}`);

/** Both sides have the same keys, and so the same tokens. */
async function asking(dataDir: string): Promise<Ask> {
  const { issuer: key } = await loadKeys(dataDir);
  return async (url, name) => {
    const { as, scopes, variables } = told[name] ?? {};
    const more = scopes === undefined ? {} : { scopes: [scopes] };
    const token = as === undefined ? {} : { token: await issueToken({ key, subject: as, ttlS: hourS, ...more }) };
    const text = readFileSync(join(folder, 'operations', `${name}.graphql`), 'utf8');
    return ask(url, text, { variables: variables ?? {}, ...token });
  };
}

describe('the demo community on servers, one process per role, beside the same on the embedded engines', () => {
  const [embeddedDir, rolesDir] = [makeDataDir(), makeDataDir()];
  let embedded: PlatformProcess;
  let roles: Roles;
  let answerOf: Ask;
  const fileOf = ({ path }: { path: string }): string => join(path, 'tables.json');
  const tablesOf = (side: { path: string }): Tables => JSON.parse(readFileSync(fileOf(side), 'utf8')) as Tables;
  const stops: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    makeEpochKeys([embeddedDir.path, rolesDir.path], monthsOfDemo);
    const load = run('e2e/load-and-dump.ts', [String(lines), fileOf(embeddedDir)], {
      DATA_DIR: embeddedDir.path,
      ...steadyClock,
    });
    expect([await load.ended, load.said()]).toEqual([0, expect.any(String)]);
    copyKeys(embeddedDir.path, rolesDir.path);
    answerOf = await asking(embeddedDir.path);
    roles = await startRoles(rolesDir.path, { EVENT_PARTITIONS: String(partitions), ...steadyClock });
    stops.push(() => roles.stop());
    const loaded = run('e2e/load-lines.ts', [String(lines), fileOf(rolesDir)], roles.environment);
    expect([await loaded.ended, loaded.said()]).toEqual([0, expect.stringContaining('processed')]);
    embedded = await startPlatformProcess(embeddedDir.path, { env: steadyClock });
    stops.push(() => embedded.stop());
  }, loadMsMax);

  afterAll(async () => {
    for (const stop of stops.toReversed()) await stop();
    embeddedDir.remove();
    rolesDir.remove();
  });

  test('goal: there are at least forty operations', () => {
    expect(operations.length).toBeGreaterThanOrEqual(40);
    expect(Object.keys(told).filter((name) => !operations.includes(name))).toEqual([]);
  });

  test('goal: the community’s canon, evidence, scores, releases, refusals and nodes are the same, row by row', () => {
    const [expected, actual] = [tablesOf(embeddedDir), tablesOf(rolesDir)];
    const canonOf = ({ canonEvents, canonStatus }: Tables): readonly (readonly Row[])[] => {
      const events = canonEvents.filter(isReplayed).map(withoutPlace).map(withoutPatternTime);
      const ids = new Set(events.map((row) => row['event_id']));
      return [events, canonStatus.filter((row) => ids.has(row['event_id']))];
    };
    expect(canonOf(expected)[0]?.length).toBeGreaterThan(100);
    expect(canonOf(actual)).toEqual(canonOf(expected));
    expect(actual.evidence).toEqual(expected.evidence);
    expect(expected.scores.length).toBeGreaterThan(10);
    expect(actual.scores).toEqual(expected.scores);
    expect(actual.releases.filter(itsOwn)).toEqual(expected.releases.filter(itsOwn));
    expect([actual.deadLetters, nodesOf(actual)]).toEqual([expected.deadLetters, nodesOf(expected)]);
  });

  test.each(operations)('goal: the same answer, and not an empty one: %s', async (name) => {
    const expected = await answerOf(embedded.url, name);
    expect(expected.errors).toBeUndefined();
    expect(Object.values(expected.data ?? {})).not.toContain(null);
    expect(await answerOf(roles.url, name)).toEqual(expected);
  });
});
