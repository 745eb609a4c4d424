import { constants, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { explainZodError } from '../schema/events/catalogue.ts';
import {
  type ImportHeader,
  type ImportLine,
  type ImportLineInput,
  headerSchema,
  lineSchema,
} from '../schema/import/line.ts';
import { findIllFormed, illFormed } from '../schema/text-limits.ts';

/** A line, or why it is none. `number` is its place in the file, from 1; the header is line 1. */
export type NumberedLine =
  { readonly number: number; readonly line: ImportLine } | { readonly number: number; readonly fault: string };

export interface ImportSource {
  readonly header: ImportHeader;
  readonly lines: readonly NumberedLine[];
  /** SHA-256 of everything, hex. */
  readonly hash: string;
}

export class ImportFileError extends Error {
  override readonly name = 'ImportFileError';
}

/** It is read at once, as one text. */
const bytesMax = constants.MAX_STRING_LENGTH;

/** Reads a JSON Lines import. Throws {@link ImportFileError} for a file that cannot be read or has no fitting header; a bad line becomes a fault. */
export function readImportFile(file: string): ImportSource {
  let bytes: Buffer;
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > bytesMax)
      throw new ImportFileError(`it has ${inMiB(size)} MiB, and an import may have ${inMiB(bytesMax)} at most`);
    bytes = readFileSync(file);
    text = bytes.toString('utf8');
  } catch (error) {
    throw new ImportFileError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const [first = '', ...rest] = text.split('\n');
  const foreign = linesOfOtherEncodings(bytes);
  if (foreign.has(1)) throw new ImportFileError(`${file} line 1 is not UTF-8: convert the file`);
  // Some editors begin a UTF-8 file with a byte order mark.
  const parsed = parseJson(first.replace(/^\ufeff/, ''));
  const header = headerSchema.safeParse(parsed);
  if (!header.success) {
    const fault = parsed === undefined ? 'it is not JSON' : explainZodError(header.error);
    throw new ImportFileError(`${file} line 1 must be the header {"format":1,"community":"name"}: ${fault}`);
  }
  const lines = rest
    .map((content, index) => ({ content, number: index + 2 }))
    .filter(({ content }) => content.trim() !== '');
  return {
    header: header.data,
    lines: withoutRepeatedIds(
      lines.map(({ content, number }) =>
        foreign.has(number) ? { number, fault: 'not UTF-8' } : toLine(number, parseJson(content)),
      ),
    ),
    hash: createHash('sha256').update(bytes).digest('hex'),
  };
}

function inMiB(bytes: number): string {
  return Math.ceil(bytes / 1024 ** 2).toLocaleString('en');
}

/** Numbers of the lines, from 1, that are no UTF-8: decoded all the same, they would be loaded for ever without what they said. */
function linesOfOtherEncodings(bytes: Buffer): ReadonlySet<number> {
  const numbers = new Set<number>();
  if (isUtf8(bytes)) return numbers;
  for (let number = 1, from = 0; from < bytes.length; number += 1) {
    const newline = bytes.indexOf(0x0a, from);
    const end = newline < 0 ? bytes.length : newline;
    if (!isUtf8(bytes.subarray(from, end))) numbers.add(number);
    from = end + 1;
  }
  return numbers;
}

/** The same for lines that were made in this process. */
export function importSource(header: ImportHeader, lines: readonly ImportLineInput[]): ImportSource {
  const hash = createHash('sha256')
    .update(JSON.stringify([header, lines]))
    .digest('hex');
  return { header, lines: withoutRepeatedIds(lines.map((line, index) => toLine(index + 2, line))), hash };
}

function toLine(number: number, value: unknown): NumberedLine {
  if (value === undefined) return { number, fault: 'not JSON' };
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) return { number, fault: explainZodError(parsed.error) };
  // Of what fits the schema, which is flat: anything else may be nested deeper than can be gone down.
  const broken = findIllFormed(parsed.data);
  return broken ? { number, fault: `${broken.join('.')} ${illFormed}` } : { number, line: parsed.data };
}

/** The ids of events are made of those of lines: a second line of an id would make a second event of one id. */
function withoutRepeatedIds(lines: readonly NumberedLine[]): readonly NumberedLine[] {
  const firsts = new Map<string, number>();
  return lines.map((entry) => {
    if ('fault' in entry) return entry;
    const first = firsts.get(entry.line.id);
    if (first !== undefined) return { number: entry.number, fault: `id: line ${first} has it already` };
    firsts.set(entry.line.id, entry.number);
    return entry;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
