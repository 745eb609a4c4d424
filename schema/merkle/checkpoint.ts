import { EMPTY_ROOT, HASH_BYTES } from './hash.ts';
import { type TreeHead, verifyConsistency, verifyInclusion } from './proof.ts';
import { NoteError, type NoteSigner, type NoteVerifier, openNote, signNote } from './signed-note.ts';
import { treeSizeMax } from './tree.ts';

/** A tree head with the log that it is of. */
export interface Checkpoint extends TreeHead {
  /** `<key name>/<partition>`. */
  readonly origin: string;
}

/** The log of one partition under a key's name. */
export function originOf(keyName: string, partition: number): string {
  return `${keyName}/${partition}`;
}

/** Signs a tree head (C2SP tlog-checkpoint). */
export function signCheckpoint({ origin, size, root }: Checkpoint, signer: NoteSigner): string {
  return signNote(`${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`, signer);
}

function decimal(text: string, what: string): number {
  const value = /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= treeSizeMax)) throw new NoteError(`${what} is not a number of leaves`);
  return value;
}

function hashOf(line: string, what: string): Buffer {
  const bytes = Buffer.from(line, 'base64');
  if (bytes.length !== HASH_BYTES || bytes.toString('base64') !== line) throw new NoteError(`${what} is not a hash`);
  return bytes;
}

/** Reads a checkpoint that one of a log's own keys signed, and all of `witnesses`. Throws {@link NoteError}. */
export function openCheckpoint(note: string, log: NoteVerifier, witnesses: readonly NoteVerifier[] = []): Checkpoint {
  let text = '';
  // Each by its own key: where two have one name, a signature is not that of both.
  for (const verifier of [log, ...witnesses]) {
    const opened = openNote(note, [verifier]);
    if (opened.signedBy.length === 0) throw new NoteError(`the checkpoint is not signed by ${verifier.name}`);
    text = opened.text;
  }
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (!origin.startsWith(`${log.name}/`)) throw new NoteError(`the checkpoint is of ${origin}, not of ${log.name}`);
  const head = {
    origin,
    size: decimal(size, 'the size of the checkpoint'),
    root: hashOf(root, 'the root of the checkpoint'),
  };
  if (head.size === 0 && !head.root.equals(EMPTY_ROOT))
    throw new NoteError('the checkpoint is of no events, and its root is not that of none');
  return head;
}

const inclusionHead = 'c2sp.org/tlog-proof@v1';
const consistencyHead = 'vcos/tlog-consistency@v1';

function lines(path: readonly Uint8Array[]): string {
  return path.map((each) => `${Buffer.from(each).toString('base64')}\n`).join('');
}

/** The proof that a leaf stands at `index`, as one text with the checkpoint at its end (C2SP tlog-proof). */
export function inclusionText(index: number, path: readonly Uint8Array[], checkpoint: string): string {
  return `${inclusionHead}\nindex ${index}\n${lines(path)}\n${checkpoint}`;
}

/** The proof that the first `from` leaves are a prefix of the checkpoint at its end, as one text. */
export function consistencyText(from: number, path: readonly Uint8Array[], checkpoint: string): string {
  return `${consistencyHead}\nold ${from}\n${lines(path)}\n${checkpoint}`;
}

function splitProof(text: string, head: string, field: string): { n: number; path: Buffer[]; checkpoint: string } {
  const end = text.indexOf('\n\n');
  const [first, second = '', ...hashes] = text.slice(0, Math.max(end, 0)).split('\n');
  if (first !== head || !second.startsWith(`${field} `)) throw new NoteError(`this is not a proof of ${head}`);
  return {
    n: decimal(second.slice(field.length + 1), field),
    path: hashes.map((line) => hashOf(line, 'a line of the proof')),
    checkpoint: text.slice(end + 2),
  };
}

/** Where a leaf was proved to stand. */
export interface ProvedLeaf {
  readonly index: number;
  readonly checkpoint: Checkpoint;
}

/** Checks an inclusion proof offline, with nothing but the log's public key. Throws {@link NoteError} naming what does not fit. */
export function verifyInclusionText(
  proof: string,
  leaf: Uint8Array,
  log: NoteVerifier,
  witnesses: readonly NoteVerifier[] = [],
): ProvedLeaf {
  const { n: index, path, checkpoint: note } = splitProof(proof, inclusionHead, 'index');
  const checkpoint = openCheckpoint(note, log, witnesses);
  if (!verifyInclusion({ index, size: checkpoint.size }, leaf, path, checkpoint.root))
    throw new NoteError(`the proof does not lead from this event to the root of ${checkpoint.origin}`);
  return { index, checkpoint };
}

/** Checks that `older`, which the caller kept, is a prefix of the proof's checkpoint. Throws {@link NoteError}; returns the newer one. */
export function verifyConsistencyText(proof: string, older: Checkpoint, log: NoteVerifier): Checkpoint {
  const { n: size, path, checkpoint: note } = splitProof(proof, consistencyHead, 'old');
  const newer = openCheckpoint(note, log);
  if (newer.origin !== older.origin) throw new NoteError(`the proof is about ${newer.origin}, not ${older.origin}`);
  if (size !== older.size) throw new NoteError(`the proof is about the first ${size} leaves, not ${older.size}`);
  if (!verifyConsistency(older, newer, path))
    throw new NoteError(
      `the tree of ${newer.size} leaves does not continue the one of ${older.size}: history was changed`,
    );
  return newer;
}
