import { expect, test } from '@jest/globals';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import { openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { createLogger } from '../../runtime/logger.ts';
import { deadLetterSchema } from '../../schema/dead-letter.ts';
import { noteSigner } from '../../schema/merkle/signed-note.ts';
import { treeNodeId } from '../../schema/merkle/stored-tree.ts';
import { topics } from '../../schema/topics.ts';
import { createTreeBuilder } from './tree-builder.ts';

test('goal: what is no row of canon becomes a dead letter, and the tree grows by what comes before and behind it', async () => {
  const engines = await openEmbeddedEngines();
  const row = (leaf: number): string => JSON.stringify({ hash: String(leaf).repeat(64), leaf_index: leaf });
  const values = [row(0), 'no JSON', null, '[]', '{"leaf_index":1}', '{"hash":"00","leaf_index":"1"}', row(1)];
  const topic = topics.canonRecords.name;
  await engines.eventLog.append(values.map((value) => ({ topic, key: 'k', id: '', value })));
  const signer = noteSigner('test/canon', Buffer.alloc(32, 7));
  const tree = createTreeBuilder({ ...engines, signer, logger: createLogger('silent') });
  await tree.start();
  await whenDrained([tree]);
  await tree.stop();
  const [head] = await engines.store.get('CanonTree', [treeNodeId(0)]);
  expect(head?.props.size).toBe(2);
  const letters = await engines.eventLog.read({ topic: topics.deadLetters.name, partition: 0, from: 0, limit: 9 });
  const refused = letters.map(({ value }) => deadLetterSchema.parse(JSON.parse(value ?? '')));
  expect(refused.map(({ processor, reason, offset }) => [processor, reason, offset])).toEqual(
    [1, 2, 3, 4, 5].map((offset) => ['canon-tree', 'UNDECODABLE', offset]),
  );
  await engines.close();
});
