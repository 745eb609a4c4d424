import { type CanonEvent, GENESIS_HASH, canonicalJson, hashEvent } from '../../schema/events/envelope.ts';
import {
  type Checkpoint,
  consistencyText,
  openCheckpoint,
  originOf,
  signCheckpoint,
  verifyConsistencyText,
} from '../../schema/merkle/checkpoint.ts';
import { verifyExport } from '../../schema/merkle/export-file.ts';
import { eventLeaf } from '../../schema/merkle/hash.ts';
import { consistencyProof } from '../../schema/merkle/proof.ts';
import { NoteError, noteSigner, parseVerifierKey } from '../../schema/merkle/signed-note.ts';
import { appendToTiles, nodesOfTiles } from '../../schema/merkle/tiles.ts';
import { rangeHash } from '../../schema/merkle/tree.ts';
import { communityOf } from '../../streams/canon/testing.ts';

const signer = noteSigner('vcos.bench/canon', Buffer.alloc(32, 5));
const log = parseVerifierKey(signer.verifierKey);
const origin = originOf(signer.name, 0);
/** What the client kept a checkpoint of, and what there is by now. */
const keptSize = 90;

type Random = () => number;
type Mutation = (bodies: readonly string[], random: Random) => readonly string[];

/** Mulberry32: the same seed gives the same mutations. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** Mends what follows from a change: each event's hash and the chain after it, as the platform's owner would. */
function mended(bodies: readonly string[]): readonly string[] {
  const heads = new Map<string, string>();
  return bodies.map((body) => {
    const event = JSON.parse(body) as CanonEvent;
    const unhashed = { ...event, prevHash: heads.get(event.entity.id) ?? GENESIS_HASH };
    const hash = hashEvent(unhashed);
    heads.set(event.entity.id, hash);
    return canonicalJson({ ...unhashed, hash });
  });
}

/** Replaces one character of a value by another, so that the text stays JSON. */
function flipContent(body: string, random: Random): string {
  const places = [...body.matchAll(/[a-z0-9](?=[a-z0-9 -]*")/g)].map(({ index }) => index);
  for (;;) {
    const at = places[below(random, places.length)] ?? 0;
    const other = 'abcdefghijklmnopqrstuvwxyz0123456789'.charAt(below(random, 36));
    const changed = `${body.slice(0, at)}${other}${body.slice(at + 1)}`;
    if (changed === body) continue;
    try {
      const { entity, id, hash, prevHash } = JSON.parse(changed) as Partial<CanonEvent>;
      // Hashes are mended: what is flipped in them alone would be flipped back.
      const before = JSON.parse(body) as CanonEvent;
      if (entity && id && hash === before.hash && prevHash === before.prevHash) return changed;
    } catch {
      // Another place, then.
    }
  }
}

const mutations: Readonly<Record<string, Mutation>> = {
  flip: (bodies, random) => {
    const at = below(random, keptSize);
    return bodies.with(at, flipContent(bodies[at] ?? '', random));
  },
  drop: (bodies, random) => bodies.toSpliced(below(random, keptSize), 1),
  insert: (bodies, random) => {
    const at = below(random, keptSize);
    const event = JSON.parse(bodies[below(random, bodies.length)] ?? '') as CanonEvent;
    return bodies.toSpliced(at, 0, canonicalJson({ ...event, id: `forged-${below(random, 1e9)}` }));
  },
  reorder: (bodies, random) => {
    const at = below(random, keptSize);
    const to = (at + 1 + below(random, bodies.length - 1)) % bodies.length;
    return bodies.with(at, bodies[to] ?? '').with(to, bodies[at] ?? '');
  },
  cut: (bodies, random) => bodies.slice(0, below(random, keptSize)),
};

/** What the owner shows: an export with a checkpoint of their own making, and the best consistency proof that their tree has. */
function show(bodies: readonly string[]): { lines: string[]; last: string; consistency: string | null } {
  const leaves = bodies.map((body) => eventLeaf((JSON.parse(body) as CanonEvent).hash));
  const tiles = appendToTiles(0, leaves, () => undefined);
  const node = nodesOfTiles(({ level }) => tiles.find((tile) => tile.level === level)?.tile ?? new Uint8Array(0));
  const checkpoint = signCheckpoint({ origin, size: leaves.length, root: rangeHash(0, leaves.length, node) }, signer);
  const last = JSON.stringify({ checkpoint });
  const head = JSON.stringify({ canonExport: 1, origin });
  const lines = [head, ...bodies.map((body, leaf) => JSON.stringify({ leaf, body })), last];
  const path = leaves.length < keptSize ? null : consistencyProof(keptSize, leaves.length, node);
  return { lines, last, consistency: path && consistencyText(keptSize, path, checkpoint) };
}

function consistencyHolds(proof: string | null, kept: Checkpoint): boolean {
  if (proof === null) return false;
  try {
    return verifyConsistencyText(proof, kept, log).size >= kept.size;
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}

export interface TamperReport {
  readonly byKind: Readonly<Record<string, { readonly tried: number; readonly found: number }>>;
  /** One line each, with what repeats it. */
  readonly missed: readonly string[];
}

/** Mutates a history again and again and has the client look, by the export and by the consistency proof; both must find each. */
export async function tamper(options: { readonly mutations: number; readonly seed: number }): Promise<TamperReport> {
  const honest = communityOf(4).map((event) => canonicalJson(event));
  const before = show(honest.slice(0, keptSize));
  const kept = openCheckpoint((JSON.parse(before.last) as { checkpoint: string }).checkpoint, log);
  const now = show(honest);
  const verdict = await verifyExport(now.lines, { last: now.last, log, kept: [kept] });
  if (verdict.fault || !consistencyHolds(now.consistency, kept)) throw new Error('the honest history does not verify');
  const kinds = Object.keys(mutations);
  const byKind = Object.fromEntries(kinds.map((kind) => [kind, { tried: 0, found: 0 }]));
  const missed: string[] = [];
  for (let n = 0; n < options.mutations; n += 1) {
    const kind = kinds[n % kinds.length] ?? '';
    const shown = show(mended((mutations[kind] as Mutation)(honest, randomOf(options.seed * 1_000_003 + n))));
    const { fault } = await verifyExport(shown.lines, { last: shown.last, log, kept: [kept] });
    const isFound = fault !== null && !consistencyHolds(shown.consistency, kept);
    const tally = byKind[kind] ?? { tried: 0, found: 0 };
    byKind[kind] = { tried: tally.tried + 1, found: tally.found + (isFound ? 1 : 0) };
    if (!isFound) missed.push(`${kind}: seed ${options.seed}, mutation ${n}`);
  }
  return { byKind, missed };
}
