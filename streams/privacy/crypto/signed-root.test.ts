/** Goal: a root is accepted from its signer only, and with every field as signed. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isRootSigned, signRoot } from './signed-root.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const root = { day: '2018-03-12', seq: 41, hash: 'a'.repeat(64) };

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
    { ...signed, signature: '' },
    { ...signed, signature: signRoot({ ...root, seq: 1 }, privateKey).signature },
  ];
  for (const other of changed) expect(isRootSigned(other, publicKey)).toBe(false);
  expect(isRootSigned(signed, generateKeyPairSync('ed25519').publicKey)).toBe(false);
  expect(isRootSigned(signed, generateKeyPairSync('x25519').publicKey)).toBe(false);
});

test('only a private Ed25519 key signs', () => {
  expect(() => signRoot(root, publicKey)).toThrow('private Ed25519');
  const pem = generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  expect(() => signRoot(root, createPrivateKey(pem))).toThrow('private Ed25519');
});
