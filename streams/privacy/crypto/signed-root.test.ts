/** Goal: a root is accepted from its signer only, and with every field as signed. */
import { type KeyObject, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isRootSigned, signRoot, signingKey } from './signed-root.ts';

const pair = generateKeyPairSync('ed25519');
const { privateKey } = pair;
const text = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('base64');
const publicKey = text(pair.publicKey);
const root = { day: '2018-03-12', seq: 41, hash: 'a'.repeat(64), closesEpoch: null };

test('a signed root verifies, and signing is deterministic', () => {
  const signed = signRoot(root, privateKey);
  expect(isRootSigned(signed, publicKey)).toBe(true);
  expect(signRoot(root, privateKey)).toEqual(signed);
  expect(isRootSigned(JSON.parse(JSON.stringify(signed)) as typeof signed, publicKey)).toBe(true);
});

test('any other field, key or signature is refused', () => {
  const signed = signRoot(root, privateKey);
  const changed = [
    { ...signed, day: '2018-03-13' },
    { ...signed, seq: 42 },
    { ...signed, hash: `b${'a'.repeat(63)}` },
    { ...signed, closesEpoch: '2018-03' },
    { ...signed, signature: '' },
    { ...signed, signature: signRoot({ ...root, seq: 1 }, privateKey).signature },
  ];
  for (const other of changed) expect(isRootSigned(other, publicKey)).toBe(false);
  expect(isRootSigned(signed, text(generateKeyPairSync('ed25519').publicKey))).toBe(false);
  expect(isRootSigned(signed, text(generateKeyPairSync('x25519').publicKey))).toBe(false);
});

test('a seed gives one key', () => {
  const signed = signRoot(root, signingKey(Buffer.alloc(32, 7)));
  expect(signed).toEqual(signRoot(root, signingKey(Buffer.alloc(32, 7))));
  expect(isRootSigned(signed, signed.publicKey)).toBe(true);
});

test('only a private Ed25519 key signs', () => {
  expect(isRootSigned(signRoot(root, privateKey), 'no key')).toBe(false);
  expect(() => signRoot(root, pair.publicKey)).toThrow('private Ed25519');
  const pem = generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  expect(() => signRoot(root, createPrivateKey(pem))).toThrow('private Ed25519');
});
