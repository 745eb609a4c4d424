import { expect, test } from '@jest/globals';
import { type Holding, PartitionRun } from './partition-run.ts';
import type { LogRecord, OutgoingRecord } from './port.ts';

const where = { topic: 'events', partition: 0 };
const recordAt = (offset: number): LogRecord => ({
  ...where,
  offset,
  key: 'k',
  id: `${offset}`,
  value: '1',
  appendedAtMs: 0,
});

interface World {
  /** What happened, in its order. */
  readonly seen: string[];
  /** Records one at a time, the first `end` of them; commits end when they are let. */
  readonly run: PartitionRun;
  readonly letCommit: (error?: Error) => void;
  readonly reaches: (what: string) => Promise<void>;
}

/** A partition of `end` records, of which each holding gives one after the other from the last that was committed. */
function world({ handlesAhead, end }: { readonly handlesAhead: boolean; readonly end: number }): World {
  const seen: string[] = [];
  const commits: PromiseWithResolvers<undefined>[] = [];
  let committed = 0;
  const hold = async (): Promise<Holding> => {
    let next = committed;
    return {
      async next(leaving) {
        if (next < end) return { records: [recordAt(next)], next: ++next };
        if (!leaving.aborted) await new Promise((resolve) => leaving.addEventListener('abort', resolve));
        return null;
      },
      async commit(outputs: readonly OutgoingRecord[], after: number) {
        seen.push(`commit ${outputs[0]?.id}`);
        const deferred = Promise.withResolvers<undefined>();
        commits.push(deferred);
        await deferred.promise;
        committed = after;
        seen.push(`committed ${outputs[0]?.id}`);
      },
      end: () => undefined,
    };
  };
  const options = {
    ...{ group: 'g', topics: ['events'], batchMax: 1, handlesAhead },
    onAssigned: async () => void seen.push('assigned'),
    onRevoked: async () => void seen.push('revoked'),
    onBatch: async ({ records }: { readonly records: readonly LogRecord[] }) => {
      seen.push(`handle ${records[0]?.offset}`);
      return [{ topic: 'out', key: 'k', id: `${records[0]?.offset}`, value: '1' }];
    },
    onError: (error: unknown) => void seen.push((error as Error).message),
  };
  const run = new PartitionRun(options, where, { hold, onError: options.onError, revokeMsMax: 1_000 });
  return {
    seen,
    run,
    letCommit(error) {
      const commit = commits.shift();
      if (error === undefined) commit?.resolve(undefined);
      else commit?.reject(error);
    },
    async reaches(what) {
      while (!seen.includes(what)) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}

test('goal: one batch is handled while the one before it commits, and commits after it', async () => {
  const { seen, run, letCommit, reaches } = world({ handlesAhead: true, end: 3 });
  await reaches('handle 1');
  expect(seen).toEqual(['assigned', 'handle 0', 'commit 0', 'handle 1']);
  letCommit();
  await reaches('handle 2');
  expect(seen.slice(4)).toEqual(['committed 0', 'commit 1', 'handle 2']);
  letCommit();
  await reaches('commit 2');
  letCommit();
  await run.release();
  expect(seen.slice(7)).toEqual(['committed 1', 'commit 2', 'committed 2', 'revoked']);
});

test('goal: what was handled ahead of a commit that failed is thrown away with the state, and comes again', async () => {
  const { seen, run, letCommit, reaches } = world({ handlesAhead: true, end: 2 });
  await reaches('handle 1');
  letCommit(new Error('fenced'));
  await reaches('revoked');
  expect(seen).toEqual(['assigned', 'handle 0', 'commit 0', 'handle 1', 'fenced', 'revoked']);
  seen.length = 0;
  await reaches('handle 1');
  expect(seen).toEqual(['assigned', 'handle 0', 'commit 0', 'handle 1']);
  letCommit();
  await reaches('commit 1');
  letCommit();
  await run.release();
});

test('goal: a handler that does more than compute sees each batch committed before the next', async () => {
  const { seen, run, letCommit, reaches } = world({ handlesAhead: false, end: 2 });
  await reaches('commit 0');
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['assigned', 'handle 0', 'commit 0']);
  letCommit();
  await reaches('commit 1');
  letCommit();
  await run.release();
  expect(seen.slice(3)).toEqual(['committed 0', 'handle 1', 'commit 1', 'committed 1', 'revoked']);
});
