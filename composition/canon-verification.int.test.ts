import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { type CanonRun, benchSigner, startCanon, whenDrained } from '../bench/shared/canon-run.ts';
import { DATA_FILE } from '../engines/sqlite/sqlite-file.ts';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import type { CanonEvent } from '../schema/events/envelope.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';
import { openCheckpoint, verifyConsistencyText, verifyInclusionText } from '../schema/merkle/checkpoint.ts';
import { type ExportVerdict, verifyExport } from '../schema/merkle/export-file.ts';
import { eventLeaf } from '../schema/merkle/hash.ts';
import { parseVerifierKey } from '../schema/merkle/signed-note.ts';
import { treeNodeId } from '../schema/merkle/stored-tree.ts';
import { communityOf } from '../streams/canon/testing.ts';
import { createCanonSubgraph } from '../subgraphs/canon/subgraph.ts';
import { type SubgraphBench, createBench } from '../subgraphs/shared/testing.ts';
import { verifyCanon } from './canon-commands.ts';
import { openEngines } from './engines.ts';
import { exportLines, writeLines } from './canon-export.ts';
import { verifyLog } from './canon-verify-log.ts';

// Goal: on real engines, whatever canon accepted can be proved offline with the public key alone, and whatever somebody changes in the data
// file afterwards is found and named.
const events = communityOf(40);
const log = parseVerifierKey(benchSigner.verifierKey);
let directory: string;
let run: CanonRun;
let bench: SubgraphBench;

async function start(): Promise<void> {
  run = await startCanon({ directory });
  bench = createBench(createCanonSubgraph(), run);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-proofs-'));
  await start();
  await run.append(events.slice(0, 500));
  await whenDrained(run.stages);
});
afterAll(async () => {
  await run.stop();
  await rm(directory, { recursive: true, force: true });
});

const headOf = async (): Promise<NodeProps['CanonTree']> => {
  const [head] = await run.store.get('CanonTree', [treeNodeId(0)]);
  if (!head) throw new Error('there is no tree');
  return head.props;
};

async function prove(event: CanonEvent): Promise<{ eventHash: string; leafIndex: string; proof: string }> {
  const query = 'query ($id: ID!) { canonProof(eventId: $id) { eventHash leafIndex treeSize proof publicKey } }';
  const answer = await bench.query<{ canonProof: { eventHash: string; leafIndex: string; proof: string } }>(
    'anybody',
    query,
    { id: event.id },
  );
  return answer.canonProof;
}

async function exportedLines(scopes: readonly string[] = []): Promise<readonly string[]> {
  const file = join(directory, 'export.jsonl');
  await writeLines(file, exportLines(run.warehouse, await headOf(), { creatorId: null, scopes }));
  return (await readFile(file, 'utf8')).trimEnd().split('\n');
}

const check = (lines: readonly string[]): Promise<ExportVerdict> =>
  verifyExport(lines, { last: lines.at(-1) ?? '', log, kept: [] });

describe('proofs', () => {
  test('every event is proved by one text, offline; a kept checkpoint is proved to be a prefix', async () => {
    const kept = openCheckpoint((await headOf()).checkpoint, log);
    expect(kept.size).toBe(500);
    // A restart takes the tree up where it was.
    await run.stop();
    await start();
    await run.append(events.slice(500));
    await whenDrained(run.stages);
    for (const event of [events[0], events[255], events[256], events[777], events.at(-1)] as CanonEvent[]) {
      const { eventHash, leafIndex, proof } = await prove(event);
      expect(eventHash).toBe(event.hash);
      const proved = verifyInclusionText(proof, eventLeaf(event.hash), log);
      expect(proved).toMatchObject({ index: Number(leafIndex), checkpoint: { size: events.length } });
    }
    const query =
      '{ canonConsistency(from: "500") { from to fromRoot proof } canonCheckpoint { size root note publicKey } }';
    const { canonConsistency, canonCheckpoint } = await bench.query<{
      canonConsistency: { proof: string; fromRoot: string };
      canonCheckpoint: { note: string; publicKey: string; size: string };
    }>('anybody', query);
    expect(canonConsistency.fromRoot).toBe(Buffer.from(kept.root).toString('hex'));
    expect(verifyConsistencyText(canonConsistency.proof, kept, log).size).toBe(events.length);
    expect(openCheckpoint(canonCheckpoint.note, parseVerifierKey(canonCheckpoint.publicKey)).size).toBe(events.length);
  });

  test('need a token, and a size that the tree has had', async () => {
    for (const query of ['{ canonCheckpoint { size } }', '{ canonProof(eventId: "x") { proof } }'])
      expect((await bench.ask(null, query)).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await bench.ask('anybody', '{ canonProof(eventId: "x") { proof } }')).data).toEqual({ canonProof: null });
    const tooLong = await bench.ask('anybody', '{ canonConsistency(from: "999999") { proof } }');
    expect(tooLong.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('verification', () => {
  test('an export verifies; what its reader may not read stands in it as a hash', async () => {
    const lines = await exportedLines();
    expect(lines).toHaveLength(events.length + 2);
    expect(await check(lines)).toMatchObject({ events: events.length, fault: null });
  });

  test('an export with a changed, missing or additional line does not verify', async () => {
    const lines = await exportedLines();
    const changed = lines.with(300, (lines[300] ?? '').replace('added', 'addet'));
    expect((await check(changed)).fault).toMatchObject({ leaf: 299 });
    expect((await check(lines.toSpliced(300, 1))).fault).toMatchObject({ leaf: 299 });
    expect((await check(lines.toSpliced(300, 0, lines[300] ?? ''))).fault).toMatchObject({ leaf: 300 });
    expect((await check(lines.toSpliced(-2, 1))).fault).not.toBeNull();
  });

  test('there is no export of a tree that the warehouse does not hold whole yet, and no half of one is left', async () => {
    const file = join(directory, 'half.jsonl');
    const head = { ...(await headOf()), size: events.length + 1 };
    const written = writeLines(file, exportLines(run.warehouse, head, { creatorId: null, scopes: [] }));
    await expect(written).rejects.toThrow(`lacks leaf ${events.length} of the ${head.size} of partition 0`);
    expect(existsSync(file)).toBe(false);
  });

  test('the log verifies; a byte changed in the data file is found, and the event is named', async () => {
    expect(await verifyLog(run, await headOf(), { log, kept: [] })).toMatchObject({
      events: events.length,
      fault: null,
    });
    await run.stop();
    const victim = events[321] as CanonEvent;
    const file = new Database(join(directory, DATA_FILE));
    const blocks = file.prepare<[], { place: number; packed: Buffer | null }>('SELECT place, packed FROM blocks').all();
    const changed = blocks.flatMap(({ place, packed }) => {
      const text = packed === null ? '' : zstdDecompressSync(packed).toString();
      const [before, after] = text.split(`"id":"${victim.id}"`);
      if (after === undefined) return [];
      return [
        { place, packed: zstdCompressSync([before, after.replace('["skill', '["Skill')].join(`"id":"${victim.id}"`)) },
      ];
    });
    for (const { place, packed } of changed)
      file.prepare('UPDATE blocks SET packed = ? WHERE place = ?').run(packed, place);
    file.close();
    expect(changed).toHaveLength(1);
    await start();
    const { fault } = await verifyLog(run, await headOf(), { log, kept: [] });
    expect(fault).toMatchObject({ leaf: 321 });
    expect(fault?.reason).toMatch(/HASH_MISMATCH/);
  });

  test('a log that holds nothing is told of; where a checkpoint was kept, it does not hold', async () => {
    const config = readConfig({ DATA_DIR: join(directory, 'nothing') });
    const verify = (args: readonly string[]): Promise<void> =>
      verifyCanon({
        config,
        logger: createLogger('silent'),
        args: ['--key', benchSigner.verifierKey, ...args],
        until: new Promise(() => undefined),
        signal: new AbortController().signal,
      });
    const { checkpoint } = await headOf();
    // One process has one warehouse.
    await run.stop();
    await expect(verify([])).rejects.toThrow(`there is no data in ${config.dataDir}: set DATA_DIR`);
    await (await openEngines(config)).close();
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      await verify([]);
      expect(said.mock.calls.join('')).toContain('nothing to verify: the log holds no event of canon yet');
    } finally {
      said.mockRestore();
    }
    const file = join(directory, 'kept');
    await writeFile(file, checkpoint);
    await expect(verify(['--checkpoint', file])).rejects.toThrow(
      /^DOES NOT HOLD: the checkpoint kept covers \d+ events of \S+, of which this log holds none$/,
    );
    await start();
  });
});
