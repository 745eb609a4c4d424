import { expect, test } from '@jest/globals';
import { settled } from './settled.ts';
import { WireError } from './wire.ts';

/** Answers with these errors, one after the other, then with how often it was asked. */
function answering(...codes: readonly string[]): () => Promise<number> {
  let asked = 0;
  return () => {
    const code = codes[asked++];
    return code === undefined ? Promise.resolve(asked) : Promise.reject(new WireError(code, code));
  };
}

test('goal: what passes by itself is asked again: a leader that is not there yet, a coordinator that is busy', async () => {
  const codes = ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'CONCURRENT_TRANSACTIONS'];
  expect(await settled(answering(...codes))).toBe(4);
});

test('goal: whatever decides something is told at once', async () => {
  for (const code of ['INVALID_PRODUCER_EPOCH', 'REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'CONNECTION'])
    await expect(settled(answering('GROUP_LOAD_IN_PROGRESS', code))).rejects.toMatchObject({ code });
});

test('goal: an unknown topic passes only where the topic is known to exist', async () => {
  const code = 'UNKNOWN_TOPIC_OR_PARTITION';
  await expect(settled(answering(code))).rejects.toMatchObject({ code });
  expect(await settled(answering(code), { topicsExist: true })).toBe(2);
});
