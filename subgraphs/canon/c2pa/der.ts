/** The few shapes of DER (X.690) that a certificate is made of. */

function ofTag(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}

export const der = {
  sequence: (...parts: readonly Uint8Array[]): Buffer => ofTag(0x30, ...parts),
  set: (...parts: readonly Uint8Array[]): Buffer => ofTag(0x31, ...parts),
  /** A number that is not negative, from its bytes. */
  integer: (bytes: Uint8Array): Buffer => {
    const isHigh = (bytes[0] ?? 0) >= 0x80;
    return ofTag(0x02, ...(isHigh ? [Buffer.of(0)] : []), bytes);
  },
  boolean: (value: boolean): Buffer => ofTag(0x01, Buffer.of(value ? 0xff : 0)),
  octets: (...parts: readonly Uint8Array[]): Buffer => ofTag(0x04, ...parts),
  /** `unused` bits at the end do not count. */
  bits: (bytes: Uint8Array, unused = 0): Buffer => ofTag(0x03, Buffer.of(unused), bytes),
  text: (value: string): Buffer => ofTag(0x0c, Buffer.from(value, 'utf8')),
  /** `YYMMDDhhmmssZ`. */
  utcTime: (value: string): Buffer => ofTag(0x17, Buffer.from(value, 'latin1')),
  objectId: (dotted: string): Buffer => {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
    return ofTag(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
  },
  /** A part with a number of its own. */
  context: (number: number, ...parts: readonly Uint8Array[]): Buffer => ofTag(0xa0 | number, ...parts),
  /** The same for a part that is no sequence. */
  contextPrimitive: (number: number, bytes: Uint8Array): Buffer => ofTag(0x80 | number, bytes),
} as const;

function base128(value: number): readonly number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return bytes;
}
