import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SumKeys, addEncrypted, decryptVector, encryptVector, makeSumKeys } from './encrypted-sum.ts';

// Goal: encrypted sums are the sums, with signs and over many slots; what does not fit is an error and never a wrong number.
describe('encrypted sums', () => {
  let keys: SumKeys;
  beforeAll(async () => {
    // Small keys are made in no time; what is tested does not depend on their size.
    keys = await makeSumKeys({ modulusBits: 512, weakForTests: true });
  }, 30_000);

  test('are the sums', () => {
    const anyNumber = fc.integer({ min: -(2 ** 47) + 1, max: 2 ** 47 - 1 });
    const anyVectors = fc
      .integer({ min: 1, max: 20 })
      .chain((length) =>
        fc.array(fc.array(anyNumber, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 4 }),
      );
    fc.assert(
      fc.property(anyVectors, (vectors) => {
        const sum = addEncrypted(
          keys.publicKey,
          vectors.map((vector) => encryptVector(keys.publicKey, vector)),
        );
        const expected = (vectors[0] ?? []).map((_, n) =>
          vectors.reduce((total, vector) => total + (vector[n] ?? 0), 0),
        );
        expect(decryptVector(keys, JSON.parse(JSON.stringify(sum)) as typeof sum)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('equal numbers have unequal ciphertexts', () => {
    expect(encryptVector(keys.publicKey, [1]).ciphertexts).not.toEqual(encryptVector(keys.publicKey, [1]).ciphertexts);
  });

  test('what does not fit is refused', async () => {
    const { publicKey } = keys;
    const [one, two] = [encryptVector(publicKey, [1]), encryptVector(publicKey, [1, 2])];
    const others = await makeSumKeys({ modulusBits: 512, weakForTests: true });
    expect(() => addEncrypted(publicKey, [one, two])).toThrow('cannot be added');
    expect(() => addEncrypted(publicKey, [])).toThrow('nothing to add');
    expect(() => decryptVector(others, one)).toThrow('another key');
    expect(() => encryptVector(publicKey, [2 ** 47])).toThrow('2^47');
    expect(() => encryptVector(publicKey, [0.5])).toThrow('whole numbers');
    for (const ciphertext of ['0', publicKey.n.toString(16), publicKey._n2.toString(16), 'no hex'])
      expect(() => decryptVector(keys, { ...one, ciphertexts: [ciphertext] })).toThrow('outside');
    expect(() => decryptVector(keys, { ...one, ciphertexts: [] })).toThrow('number of ciphertexts');
    await expect(makeSumKeys({ modulusBits: 1_024 })).rejects.toThrow('2048');
  });
});
