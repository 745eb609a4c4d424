import { type KeyObject, createPrivateKey, createPublicKey, hash, sign } from 'node:crypto';
import { ed25519PublicKey, publicKeyBytes, rawPublicKey, verifyEd25519 } from './ed25519.ts';

/** Why a note, a key or a proof is not taken; the message says what is wrong. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

/** What a signature is of: `Ed25519` signs the text (C2SP signed-note), `cosignature` a time and the text (C2SP tlog-cosignature). */
const keyTypes = { ed25519: 1, cosignature: 4 } as const;
type KeyType = keyof typeof keyTypes;

/** A key that verifies, with the name that its signatures bear. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: Buffer;
  readonly type: KeyType;
  readonly key: KeyObject;
}

export interface NoteSigner {
  /** The verifier's text, `<name>+<key id>+<key>`: all that anybody needs to verify. */
  readonly verifierKey: string;
  readonly name: string;
  readonly keyId: Buffer;
  sign(message: Buffer): Buffer;
}

const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const keyIdBytes = 4;
const signatureBytes = 64;
/** Each may have to be verified, which takes a tenth of a millisecond and more: nobody is to be kept busy with a file. */
const signaturesMax = 100;
const notePattern = /^(?<text>(?:[^\n]+\n)+)\n(?<signatures>(?:— [^\n]+\n)+)$/u;
const linePattern = /^— (?<name>[^\s+]+) (?<bytes>[A-Za-z0-9+/]+={0,2})$/u;
const namePattern = /^[^\s+]+$/u;

function keyIdOf(name: string, key: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), key]), 'buffer').subarray(0, keyIdBytes);
}

/** Reads `<name>+<8 hex>+<base64 of type and key>`. Throws {@link NoteError}. */
export function parseVerifierKey(text: string): NoteVerifier {
  const [name = '', id = '', ...rest] = text.trim().split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  const type = (Object.keys(keyTypes) as KeyType[]).find((each) => keyTypes[each] === bytes[0]);
  if (!namePattern.test(name) || type === undefined || bytes.length !== 1 + publicKeyBytes)
    throw new NoteError('the public key is not <name>+<key id>+<key> with an Ed25519 key');
  const keyId = keyIdOf(name, bytes);
  if (keyId.toString('hex') !== id) throw new NoteError('the public key does not have the id that it names');
  return { name, keyId, type, key: ed25519PublicKey(bytes.subarray(1)) };
}

/** A signer of notes from a 32-byte Ed25519 seed (RFC 8032). */
export function noteSigner(name: string, seed: Uint8Array, type: KeyType = 'ed25519'): NoteSigner {
  if (!namePattern.test(name)) throw new NoteError(`a key's name has no spaces and no plus: ${name}`);
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const raw = rawPublicKey(createPublicKey(key));
  const typed = Buffer.concat([Buffer.from([keyTypes[type]]), raw]);
  const keyId = keyIdOf(name, typed);
  const verifierKey = `${name}+${keyId.toString('hex')}+${typed.toString('base64')}`;
  return { name, keyId, verifierKey, sign: (message) => sign(null, message, key) };
}

function signatureLine(signer: NoteSigner, signature: Buffer): string {
  return `— ${signer.name} ${Buffer.concat([signer.keyId, signature]).toString('base64')}\n`;
}

/** The signed note of a text, which must be whole lines, none of them empty. */
export function signNote(text: string, signer: NoteSigner): string {
  const note = `${text}\n${signatureLine(signer, signer.sign(Buffer.from(text)))}`;
  if (!notePattern.test(note)) throw new NoteError('a note is made of whole lines, none of them empty');
  return note;
}

function cosignedMessage(text: string, timeS: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${timeS}\n${text}`);
}

/** The note with one more line: that of a witness, at a time in seconds since 1970. */
export function cosignNote(note: string, witness: NoteSigner, timeS: number): string {
  const { text } = splitNote(note);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timeS));
  return note + signatureLine(witness, Buffer.concat([time, witness.sign(cosignedMessage(text, timeS))]));
}

/** Bytes of the one text that base64 has for them: its last character has spare bits, in which two notes could differ. */
function base64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new NoteError('a signature is not base64');
  return bytes;
}

interface SplitNote {
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly bytes: Buffer }[];
}

function splitNote(note: string): SplitNote {
  const { text = '', signatures = '' } = notePattern.exec(note)?.groups ?? {};
  const lines = signatures.split('\n').slice(0, -1);
  if (lines.length > signaturesMax) throw new NoteError(`a note has at most ${signaturesMax} signatures`);
  const read = lines.map((line) => {
    const { name, bytes } = linePattern.exec(line)?.groups ?? {};
    if (name === undefined || bytes === undefined) throw new NoteError('a signature line is not one');
    return { name, bytes: base64(bytes) };
  });
  if (read.length === 0) throw new NoteError('this is not a signed note');
  return { text, signatures: read };
}

function signatureHolds(text: string, bytes: Buffer, { type, key }: NoteVerifier): boolean {
  const signature = bytes.subarray(-signatureBytes);
  if (type === 'ed25519')
    return bytes.length === keyIdBytes + signatureBytes && verifyEd25519(key, Buffer.from(text), signature);
  if (bytes.length !== keyIdBytes + 8 + signatureBytes) return false;
  const timeS = Number(bytes.readBigUInt64BE(keyIdBytes));
  return verifyEd25519(key, cosignedMessage(text, timeS), signature);
}

/** Who of these signed the note, by name. A signature of theirs that does not hold is an error, one of somebody else is passed over. */
export function openNote(
  note: string,
  verifiers: readonly NoteVerifier[],
): { readonly text: string; readonly signedBy: readonly string[] } {
  const { text, signatures } = splitNote(note);
  const signedBy = new Set<string>();
  for (const { name, bytes } of signatures) {
    const verifier = verifiers.find((each) => each.name === name && each.keyId.equals(bytes.subarray(0, keyIdBytes)));
    if (verifier === undefined) continue;
    if (!signatureHolds(text, bytes, verifier)) throw new NoteError(`the signature of ${name} does not hold`);
    signedBy.add(name);
  }
  return { text, signedBy: [...signedBy] };
}
