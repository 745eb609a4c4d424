import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  consistencyText,
  inclusionText,
  openCheckpoint,
  signCheckpoint,
  verifyConsistencyText,
  verifyInclusionText,
} from './checkpoint.ts';
import { leafHash } from './hash.ts';
import { consistencyProof, inclusionProof } from './proof.ts';
import {
  NoteError,
  type NoteSigner,
  cosignNote,
  noteSigner,
  openNote,
  parseVerifierKey,
  signNote,
} from './signed-note.ts';
import { appendToTiles, nodesOfTiles } from './tiles.ts';
import { rangeHash } from './tree.ts';

const name = 'vcos.test/canon';
const signer = noteSigner(name, Buffer.alloc(32, 7));
const log = parseVerifierKey(signer.verifierKey);
const hashes = Array.from({ length: 200 }, (_, n) => leafHash(Buffer.from(`event ${n}`)));
const [tile] = appendToTiles(0, hashes, () => undefined);
const node = nodesOfTiles(() => tile?.tile as Uint8Array);
const headOf = (size: number) => ({ origin: `${name}/0`, size, root: rangeHash(0, size, node) });
const noteOf = (size: number): string => signCheckpoint(headOf(size), signer);

describe('signed notes', () => {
  test('the note of the Go module database’s documentation opens with its key', () => {
    const key = parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const text =
      'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
        '’',
        "'",
      );
    const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
    expect(openNote(note, [key])).toEqual({ text, signedBy: ['PeterNeumann'] });
    expect(() => openNote(note.replace('answer', 'anSwer'), [key])).toThrow(NoteError);
  });

  test('a key that does not have its id is refused', () => {
    expect(() => parseVerifierKey(signer.verifierKey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).toThrow(NoteError);
    expect(() => parseVerifierKey('nonsense')).toThrow(NoteError);
  });

  test('goal: any changed character of a checkpoint is found', () => {
    const note = noteOf(100);
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.integer({ min: 1, max: 127 }), (at, by) => {
        const changed = `${note.slice(0, at)}${String.fromCharCode(note.charCodeAt(at) ^ by)}${note.slice(at + 1)}`;
        expect(() => openCheckpoint(changed, log)).toThrow(NoteError);
      }),
      { numRuns: 300, examples: [[note.length - 3, 5]] },
    );
  });

  const zeros = Buffer.alloc(32).toString('base64');
  test.each([
    ...['0100', '1e2', '0x64', ' 100', '100 ', '-1', '1.5', '2000000000000'].map((size) => [size, zeros] as const),
    ...['AAAA', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')].map(
      (root) => ['100', root] as const,
    ),
    ['100', zeros.replace('A=', 'B=')],
    ['100', Buffer.alloc(32, 255).toString('base64url')],
  ])('a size or a root has one way to be written, whoever signed it: %j, %j', (size, root) => {
    const note = signNote(`${name}/0\n${size}\n${root}\n`, signer);
    expect(() => openCheckpoint(note, log)).toThrow(/is not a (number of leaves|hash)$/);
    expect(openCheckpoint(signNote(`${name}/0\n100\n${zeros}\n`, signer), log).size).toBe(100);
  });

  test('a witness that is asked for must have signed too', () => {
    const witness = noteSigner('witness.test', Buffer.alloc(32, 9), 'cosignature');
    const key = parseVerifierKey(witness.verifierKey);
    const cosigned = cosignNote(noteOf(100), witness, 1_700_000_000);
    expect(openCheckpoint(cosigned, log, [key]).size).toBe(100);
    expect(openCheckpoint(cosigned, log).size).toBe(100);
    expect(() => openCheckpoint(noteOf(100), log, [key])).toThrow(/witness\.test/);
    const other = cosigned.replace(noteOf(100), noteOf(101));
    expect(() => openCheckpoint(other, log, [key])).toThrow(NoteError);
  });

  test('goal: a name makes nobody’s signature that of somebody else: neither the log’s nor another witness’s', () => {
    const witnesses = [1, 2, 3].map((n) =>
      noteSigner(n === 3 ? name : 'witness.test', Buffer.alloc(32, n), 'cosignature'),
    );
    const keys = witnesses.map(({ verifierKey }) => parseVerifierKey(verifierKey));
    const [first, second, namesake] = witnesses.map((witness) => cosignNote(noteOf(100), witness, 1_700_000_000));
    for (const note of [first, second] as string[])
      expect(() => openCheckpoint(note, log, keys.slice(0, 2))).toThrow(/not signed by witness\.test/);
    expect(openCheckpoint(namesake as string, log, keys.slice(2)).size).toBe(100);
    const forged = signCheckpoint(headOf(100), noteSigner(name, Buffer.alloc(32, 8)));
    const cosigned = cosignNote(forged, witnesses[2] as NoteSigner, 1_700_000_000);
    expect(() => openCheckpoint(cosigned, log, keys.slice(2))).toThrow(/not signed by vcos\.test/);
  });

  test('a note of more signatures than anybody needs is refused before any is verified', () => {
    const note = noteOf(100);
    const line = note.slice(note.indexOf('—'));
    expect(openCheckpoint(note + line.repeat(99), log).size).toBe(100);
    expect(() => openCheckpoint(note + line.repeat(100), log)).toThrow(/at most 100 signatures/);
  });

  test('a checkpoint of no events has the root of none', () => {
    expect(openCheckpoint(noteOf(0), log).size).toBe(0);
    const forged = signCheckpoint({ ...headOf(0), root: hashes[0] as Buffer }, signer);
    expect(() => openCheckpoint(forged, log)).toThrow(/no events/);
  });
});

describe('proofs as texts', () => {
  test('an inclusion proof verifies offline with the public key alone, for its own event only', () => {
    const proof = inclusionText(42, inclusionProof(42, 200, node), noteOf(200));
    expect(verifyInclusionText(proof, hashes[42] as Buffer, log)).toMatchObject({
      index: 42,
      checkpoint: { size: 200 },
    });
    expect(() => verifyInclusionText(proof, hashes[43] as Buffer, log)).toThrow(NoteError);
    const elsewhere = parseVerifierKey(noteSigner(name, Buffer.alloc(32, 8)).verifierKey);
    expect(() => verifyInclusionText(proof, hashes[42] as Buffer, elsewhere)).toThrow(NoteError);
  });

  test('goal: any changed character of a proof is found', () => {
    const proof = inclusionText(42, inclusionProof(42, 200, node), noteOf(200));
    fc.assert(
      fc.property(fc.nat(proof.length - 1), fc.integer({ min: 1, max: 127 }), (at, by) => {
        const changed = `${proof.slice(0, at)}${String.fromCharCode(proof.charCodeAt(at) ^ by)}${proof.slice(at + 1)}`;
        expect(() => verifyInclusionText(changed, hashes[42] as Buffer, log)).toThrow(NoteError);
      }),
      { numRuns: 500 },
    );
  });

  test('a consistency proof leads from the checkpoint that the caller kept to the newer one', () => {
    const proof = consistencyText(77, consistencyProof(77, 200, node), noteOf(200));
    const kept = openCheckpoint(noteOf(77), log);
    expect(verifyConsistencyText(proof, kept, log).size).toBe(200);
    expect(() => verifyConsistencyText(proof, { ...kept, root: hashes[0] as Buffer }, log)).toThrow(
      /history was changed/,
    );
    expect(() => verifyConsistencyText(proof, openCheckpoint(noteOf(78), log), log)).toThrow(NoteError);
  });
});
