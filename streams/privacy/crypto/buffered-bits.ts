import type { BitSource } from '../domain/samplers/bit-source.ts';

/** Gives the next random bytes of a stream. Each call goes on where the last one ended. */
export type ByteStream = (count: number) => Uint8Array;

/** Hands out the bits of a byte stream, big-endian 32-bit words at a time, first bit most significant: the same on every machine. */
export class BufferedBits implements BitSource {
  readonly #next: ByteStream;
  readonly #bytesMax: number;
  #bytes: number;
  #words: Int32Array = new Int32Array(0);
  #position = 0;
  /** The current word's bits that are not yet handed out lie lowest. */
  #word = 0;
  #left = 0;

  /** Asks for `firstBytes`, then twice as many each time up to `bytesMax` (multiples of 4): a short stream stays cheap. */
  constructor(next: ByteStream, size: { readonly firstBytes: number; readonly bytesMax: number }) {
    this.#next = next;
    this.#bytes = size.firstBytes;
    this.#bytesMax = size.bytesMax;
  }

  bits(count: number): number {
    if (count <= this.#left) {
      this.#left -= count;
      return (this.#word >>> this.#left) & ((1 << count) - 1);
    }
    const missing = count - this.#left;
    const high = this.#left === 0 ? 0 : this.#word & ((1 << this.#left) - 1);
    if (this.#position === this.#words.length) this.#refill();
    this.#word = this.#words[this.#position++] ?? 0;
    this.#left = 32 - missing;
    return (high << missing) | (this.#word >>> this.#left);
  }

  #refill(): void {
    const bytes = this.#next(this.#bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#words.length !== this.#bytes / 4) this.#words = new Int32Array(this.#bytes / 4);
    for (let index = 0; index < this.#words.length; index += 1) this.#words[index] = view.getInt32(index * 4);
    this.#position = 0;
    this.#bytes = Math.min(this.#bytes * 2, this.#bytesMax);
  }
}
