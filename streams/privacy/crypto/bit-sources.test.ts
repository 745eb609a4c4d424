/** Goal: bits come in order and whole, the keyed stream is a function of its three inputs, and it is standard AES-CTR. */
import { createCipheriv, createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BitSource } from '../domain/samplers/bit-source.ts';
import { keyedBits, systemBits } from './bit-sources.ts';
import { BufferedBits } from './buffered-bits.ts';
import { cellPriority, commitToInput, secretKey } from './keyed-hash.ts';

const key = secretKey(new Uint8Array(32).fill(7));
const release = { releaseId: 'metric/2018-03-12T09/kind', commitment: 'ab'.repeat(32) };

function text(source: BitSource, widths: readonly number[]): string {
  return widths.map((width) => source.bits(width).toString(2).padStart(width, '0')).join('');
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);

describe('bits of a byte stream', () => {
  test('however they are cut, they are the bytes in order', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 256, maxLength: 256 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }),
        (bytes, widths) => {
          let from = 0;
          const take = (count: number): Uint8Array => bytes.subarray(from, (from += count));
          const all = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
          const bits = text(new BufferedBits(take, { firstBytes: 4, bytesMax: 16 }), widths);
          expect(all.startsWith(bits)).toBe(true);
        },
      ),
    );
  });

  test('the system source does not repeat itself', () => {
    expect(text(systemBits(), ones(256))).not.toBe(text(systemBits(), ones(256)));
  });
});

describe('the keyed stream', () => {
  test('is AES-256-CTR under the HMAC-SHA256 of what names it', () => {
    const derived = createHmac('sha256', key)
      .update(JSON.stringify(['noise', release.releaseId, release.commitment]))
      .digest();
    const expected = createCipheriv('aes-256-ctr', derived, Buffer.alloc(16)).update(Buffer.alloc(8192));
    const source = keyedBits(key, release);
    const got = Buffer.from(Array.from({ length: 8192 }, () => source.bits(8)));
    expect(got.toString('hex')).toBe(expected.toString('hex'));
  });

  test('repeats for the same three inputs and for no others', () => {
    const bits = (source: BitSource): string => text(source, ones(128));
    const original = bits(keyedBits(key, release));
    expect(bits(keyedBits(key, { ...release }))).toBe(original);
    const others = [
      keyedBits(secretKey(new Uint8Array(32).fill(8)), release),
      keyedBits(key, { ...release, releaseId: `${release.releaseId}!` }),
      keyedBits(key, { ...release, commitment: 'ac'.repeat(32) }),
    ];
    expect(new Set([original, ...others.map(bits)]).size).toBe(4);
  });

  test('a commitment, a stream and a priority of the same words are unrelated; parts cannot be shifted', () => {
    const commitment = commitToInput(key, { releaseId: 'a', input: 'b' });
    expect(commitment).toMatch(/^[0-9a-f]{64}$/);
    expect(commitToInput(key, { releaseId: 'a', input: 'b' })).toBe(commitment);
    expect(commitToInput(key, { releaseId: 'a","b', input: '' })).not.toBe(commitment);
    expect(cellPriority(key, { account: 'a', day: 'b', cell: '' })).not.toBe(commitment);
  });

  test('a key of another length is refused, and a key does not print', () => {
    expect(() => secretKey(new Uint8Array(16))).toThrow('32 bytes');
    expect(JSON.stringify({ key })).not.toContain('7,7');
  });
});
