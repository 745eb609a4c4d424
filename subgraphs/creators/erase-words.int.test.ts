import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type SqliteEngines, openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { eraseWords } from './commands/erase-words.ts';

// Goal: who leaves takes their own words along, and nothing that is about somebody else.
let root: string;
let engines: SqliteEngines;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-erase-words-'));
  engines = openSqliteEngines({ directory: root });
});
afterAll(async () => {
  await engines.eventLog.close();
  await engines.store.close();
  await rm(root, { recursive: true, force: true });
});

test('goal: a certificate loses the words of an issuer who leaves, and all words with its holder', async () => {
  const certificate = (id: string, issuerId: string, holderId: string, statusIndex: number) => ({
    type: 'Certificate' as const,
    id,
    props: {
      ...{ issuerId, holderId, skill: 'weaving', statement: 'Wove a carpet with me.', statusIndex },
      ...{ issuedAt: `2026-11-0${statusIndex + 1}T00:00:00.000Z`, revokedAt: '', isRevoked: 0 as const },
    },
  });
  await engines.store.transact(async (tx) => {
    await tx.put(certificate('given', 'leaver', 'holder', 0));
    await tx.put(certificate('held', 'other', 'leaver', 1));
    await tx.put(certificate('foreign', 'other', 'holder', 2));
    await eraseWords(tx, 'leaver');
  });
  const found = await engines.store.get('Certificate', ['given', 'held', 'foreign']);
  expect(found.map((each) => [each?.props.skill, each?.props.statement])).toEqual([
    ['weaving', ''],
    ['Erased', ''],
    ['weaving', 'Wove a carpet with me.'],
  ]);
});
