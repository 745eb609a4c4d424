import { sha256Hex } from '../../../schema/events/envelope.ts';

/** Files that only grow. What was appended survives a crash from the next `sync` on; before, some, all or none of it may be there, the last write torn. */
export interface RegionDisk {
  /** Empty where there is no such file. */
  read(file: string): Buffer;
  append(file: string, bytes: Buffer): void;
  sync(file: string): void;
  truncate(file: string, length: number): void;
}

const sumChars = 16;

/** One line of a log file: a checksum, so that a torn write shows, and the entry's text. */
export function frame(text: string): Buffer {
  return Buffer.from(`${sha256Hex(text).slice(0, sumChars)} ${text}\n`);
}

/** The whole lines from the start of a file, and how many bytes they take: what follows was torn by a crash. */
export function unframe(bytes: Buffer): { readonly texts: readonly string[]; readonly length: number } {
  const texts: string[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10, start); end >= 0; end = bytes.indexOf(10, start)) {
    const line = bytes.subarray(start, end).toString();
    const text = line.slice(sumChars + 1);
    if (line[sumChars] !== ' ' || sha256Hex(text).slice(0, sumChars) !== line.slice(0, sumChars)) break;
    texts.push(text);
    start = end + 1;
  }
  return { texts, length: start };
}
