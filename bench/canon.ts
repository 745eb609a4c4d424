/**
 * `npm run bench -- canon [EVENTS] [LEAVES]`: canon in one process on one core. Appending an event is everything from the draft to the signed tree: canonical
 * bytes, hash, JSON, decoding, chain, resolution, rows, state, Merkle leaf. Verification and proofs are what a client does.
 */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import type { LogRecord } from '../engines/event-log/port.ts';
import { type CanonEvent, GENESIS_HASH, completeEvent } from '../schema/events/envelope.ts';
import { inclusionText, openCheckpoint, signCheckpoint, verifyInclusionText } from '../schema/merkle/checkpoint.ts';
import { eventLeaf, leafHash } from '../schema/merkle/hash.ts';
import { HistoryVerifier } from '../schema/merkle/history.ts';
import { inclusionProof } from '../schema/merkle/proof.ts';
import { noteSigner, parseVerifierKey } from '../schema/merkle/signed-note.ts';
import { computeOnTiles, tileNodeId } from '../schema/merkle/stored-tree.ts';
import { type Tile, appendToTiles, tileWidth } from '../schema/merkle/tiles.ts';
import { CompactRange } from '../schema/merkle/tree.ts';
import { topics } from '../schema/topics.ts';
import type { RowOf } from '../schema/warehouse/tables.ts';
import { canonProcessor } from '../streams/canon/canon-pipeline.ts';
import { communityOf } from '../streams/canon/testing.ts';
import { PartitionRunner } from '../streams/shared/partition-runner.ts';

const signer = noteSigner('vcos.bench/canon', Buffer.alloc(32, 5));
const log = parseVerifierKey(signer.verifierKey);
const batch = 500;
const origin = `${signer.name}/0`;

interface Started {
  readonly ms: number;
  readonly cpu: NodeJS.CpuUsage;
}
const start = (): Started => ({ ms: performance.now(), cpu: process.cpuUsage() });

/** By the processor's time, so that other work on the machine does not count; the wall clock's beside it. */
function report(what: string, count: number, { ms, cpu }: Started): void {
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = (micros: number): string => Math.round((count / micros) * 1e6).toLocaleString('en');
  const wall = perSecond((performance.now() - ms) * 1_000);
  console.log(
    `${what.padEnd(56)} ${perSecond(user + system).padStart(10)} events per CPU second (${wall}/s by the wall clock)`,
  );
}

/** The drafts of a community, in the order of time: what commands would record. */
function draftsOf(events: number): readonly Omit<CanonEvent, 'hash' | 'prevHash'>[] {
  const made = communityOf(Math.ceil(events / 30)).slice(0, events);
  made.sort((a, b) => a.hlc.wallUs - b.hlc.wallUs);
  return made.map(({ hash: _hash, prevHash: _prevHash, ...draft }) => draft);
}

/** From drafts to rows and tree; returns the bodies and the tree. */
function appendAll(drafts: readonly Omit<CanonEvent, 'hash' | 'prevHash'>[]): {
  bodies: string[];
  range: CompactRange;
} {
  const runner = new PartitionRunner(canonProcessor, {
    changelog: 'changelog',
    partition: 0,
    nowMs: Date.now,
    onOutcome: (outcome, reason) => {
      if (outcome !== 'ok') throw new Error(`${outcome} ${reason}`);
    },
  });
  const heads = new Map<string, string>();
  const range = new CompactRange();
  const edge = new Map<number, Tile>();
  const bodies: string[] = [];
  for (let at = 0; at < drafts.length; at += batch) {
    const records = drafts.slice(at, at + batch).map((draft, n): LogRecord => {
      const unhashed = { ...draft, prevHash: heads.get(draft.entity.id) ?? GENESIS_HASH };
      const { event, text: value } = completeEvent(unhashed);
      heads.set(draft.entity.id, event.hash);
      return {
        topic: topics.events.name,
        partition: 0,
        offset: at + n,
        key: draft.entity.id,
        id: draft.id,
        value,
        appendedAtMs: 0,
      };
    });
    const leaves: Buffer[] = [];
    for (const { topic, value } of runner.handle(records)) {
      if (topic !== topics.canonRecords.name) continue;
      const row = JSON.parse(value ?? '') as RowOf<'platform.canon_events'>;
      leaves.push(eventLeaf(row.hash));
      bodies.push(row.body);
    }
    for (const { level, tile } of appendToTiles(range.size, leaves, (level) => edge.get(level))) edge.set(level, tile);
    for (const leaf of leaves) range.push(leaf);
    signCheckpoint({ origin, size: range.size, root: range.root() }, signer);
  }
  return { bodies, range };
}

function verifyAll(bodies: readonly string[], range: CompactRange): void {
  const checkpoint = openCheckpoint(signCheckpoint({ origin, size: range.size, root: range.root() }, signer), log);
  const verifier = new HistoryVerifier({ checkpoints: [checkpoint] });
  const started = start();
  for (const body of bodies) {
    const fault = verifier.take({ body });
    if (fault) throw new Error(fault.reason);
  }
  if (verifier.finish()) throw new Error('does not hold');
  report('verification: bytes, hashes, chains, tree, checkpoint', bodies.length, started);
}

/** Makes a tree of so many leaves in the graph store, then proves random ones as canonProof does. */
async function proveAmong(leaves: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vcos-bench-canon-'));
  const { store, eventLog } = openSqliteEngines({ directory });
  try {
    const range = new CompactRange();
    const edge = new Map<number, Tile>();
    const started = start();
    for (let size = 0; size < leaves; size = range.size) {
      const added = Array.from({ length: Math.min(tileWidth * 64, leaves - size) }, (_, n) =>
        leafHash(Buffer.from(`${size + n}`)),
      );
      const changed = appendToTiles(size, added, (level) => edge.get(level));
      for (const leaf of added) range.push(leaf);
      await store.transact(async (tx) => {
        for (const { tile, ...id } of changed) {
          edge.set(id.level, tile);
          await tx.put({
            type: 'CanonTile',
            id: tileNodeId(0, id),
            props: { hashes: Buffer.from(tile).toString('base64') },
          });
        }
      });
    }
    report(`a tree of ${leaves.toLocaleString('en')} leaves, stored`, leaves, started);
    const checkpoint = signCheckpoint({ origin, size: leaves, root: range.root() }, signer);
    const times: number[] = [];
    let bytes = 0;
    for (let n = 0; n < 500; n += 1) {
      const index = randomInt(leaves);
      const begun = performance.now();
      const path = await computeOnTiles(
        (node) => inclusionProof(index, leaves, node),
        async (tiles) => {
          const found = await store.get(
            'CanonTile',
            tiles.map((tile) => tileNodeId(0, tile)),
          );
          return found.map((node) => (node === null ? null : Buffer.from(node.props.hashes, 'base64')));
        },
      );
      const text = inclusionText(index, path, checkpoint);
      times.push(performance.now() - begun);
      bytes = Math.max(bytes, Buffer.byteLength(text));
      verifyInclusionText(text, leafHash(Buffer.from(`${index}`)), log);
    }
    times.sort((a, b) => a - b);
    const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
    console.log(
      `proof of one among ${leaves.toLocaleString('en')}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, at most ${bytes} bytes; each verified`,
    );
  } finally {
    await eventLog.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

export async function run([events = '100000', leaves = '10000000']: readonly string[]): Promise<void> {
  const drafts = draftsOf(Number(events));
  appendAll(drafts.slice(0, 20_000));
  const started = start();
  const { bodies, range } = appendAll(drafts);
  report('append: canonical bytes, hash, chain, resolution, tree', drafts.length, started);
  console.log(
    `  bodies of ${Math.round(bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length)} characters`,
  );
  verifyAll(bodies, range);
  await proveAmong(Number(leaves));
}
