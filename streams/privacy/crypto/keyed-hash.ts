/** What is derived from a secret key: stream seeds, commitments and cell ranks, each under a label of its own. */
import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';

const keyBytes = 32;

/** Wraps 32 secret bytes so that they can be neither printed nor serialised by accident. RangeError for another length. */
export function secretKey(bytes: Uint8Array): KeyObject {
  if (bytes.length !== keyBytes) throw new RangeError(`a secret key has ${keyBytes} bytes, this one ${bytes.length}`);
  return createSecretKey(bytes);
}

/** HMAC-SHA256 of a label and parts. JSON keeps the parts apart: no two lists have the same text. */
export function keyedHash(key: KeyObject, label: string, parts: readonly string[]): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([label, ...parts]), 'utf8')
    .digest();
}

/**
 * Commits to the bounded input of a release, in lower-case hex. It is keyed: whoever has only the commitment of a small count cannot
 * find the count by trying, and nobody can once the epoch key is destroyed.
 */
export function commitToInput(
  epochKey: KeyObject,
  release: { readonly releaseId: string; readonly input: string },
): string {
  return keyedHash(epochKey, 'input', [release.releaseId, release.input]).toString('hex');
}

/** The rank by which a cell competes for its account's day, in lower-case hex: lowest first, and unpredictable without the key. */
export function cellPriority(
  key: KeyObject,
  cell: { readonly account: string; readonly day: string; readonly cell: string },
): string {
  return keyedHash(key, 'cell', [cell.account, cell.day, cell.cell]).toString('hex');
}
