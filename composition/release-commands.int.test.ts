import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { openEmbeddedEngines } from '../infra/embedded-engines.ts';
import { topics } from '../schema/topics.ts';
import { rowsOf } from './release-commands.ts';

test('goal: an export has every row of a topic, and only counts what somebody else wrote there', async () => {
  const engines = await openEmbeddedEngines();
  const { eventLog } = engines;
  const values = ['{"n":1}', 'not json', null, '{"n":"x"}', '{"n":2}'];
  await eventLog.append(values.map((value) => ({ topic: topics.privacyRoots.name, key: 'k', id: '', value })));
  const row = z.strictObject({ n: z.int() });
  expect(await rowsOf(eventLog, 'privacyRoots', row)).toEqual({ found: [{ n: 1 }, { n: 2 }], foreign: 3 });
  await engines.close();
});
