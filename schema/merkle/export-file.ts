import { z } from 'zod';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { type HistoryFault, type HistoryEntry, HistoryVerifier } from './history.ts';
import { NoteError, type NoteVerifier } from './signed-note.ts';

/**
 * An export of one partition's canon: a line of JSON each. The head, one line per leaf in the tree's order (the event's canonical text under `body`,
 * or its hash alone where whoever it is for may not read it), and the signed checkpoint that covers all of them.
 */
const exportHead = z.strictObject({ canonExport: z.literal(1), origin: z.string() });
const bodyLine = z.strictObject({ leaf: z.int().min(0), body: z.string() });
const withheldLine = z.strictObject({ leaf: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });
const checkpointLine = z.strictObject({ checkpoint: z.string() });
const line = z.union([exportHead, bodyLine, withheldLine, checkpointLine]);
export type ExportLine = z.infer<typeof line>;

export interface ExportVerdict {
  readonly events: number;
  readonly fault: HistoryFault | null;
  /** The export's own checkpoint. */
  readonly checkpoint: Checkpoint | null;
}

function readLine(text: string): ExportLine | null {
  try {
    const parsed = line.safeParse(JSON.parse(text));
    return parsed.success && JSON.stringify(parsed.data) === text ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The checkpoint in an export's last line; null where there is none that the log's key signed. */
function checkpointOfExport(text: string, log: NoteVerifier): Checkpoint | null {
  const last = readLine(text);
  if (last === null || !('checkpoint' in last)) return null;
  try {
    return openCheckpoint(last.checkpoint, log);
  } catch (error) {
    if (error instanceof NoteError) return null;
    throw error;
  }
}

/**
 * Checks a whole export offline: `last` is its last line, which holds the checkpoint that all else is checked against; `kept` are checkpoints that
 * the caller has of earlier days.
 */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  options: { readonly last: string; readonly log: NoteVerifier; readonly kept: readonly Checkpoint[] },
): Promise<ExportVerdict> {
  const checkpoint = checkpointOfExport(options.last, options.log);
  const fail = (leaf: number, reason: string): ExportVerdict => ({
    events: leaf,
    checkpoint,
    fault: { leaf, eventId: null, reason },
  });
  if (checkpoint === null) return fail(0, 'the export does not end with a checkpoint that this key signed');
  const foreign = options.kept.find(({ origin }) => origin !== checkpoint.origin);
  if (foreign) return fail(0, `the checkpoint kept is of ${foreign.origin}, the export of ${checkpoint.origin}`);
  const verifier = new HistoryVerifier({ checkpoints: [checkpoint, ...options.kept] });
  let isFirst = true;
  let isOver = false;
  for await (const text of lines) {
    const read: ExportLine | null = isOver ? null : readLine(text);
    if (read === null) return fail(verifier.size, 'a line is not of an export');
    const isHead = 'canonExport' in read;
    if (isHead !== isFirst || (isHead && read.origin !== checkpoint.origin))
      return fail(verifier.size, 'the head of the export is not its own');
    isFirst = false;
    isOver = 'checkpoint' in read;
    if (isOver || !('leaf' in read)) continue;
    const fault = read.leaf === verifier.size ? verifier.take(entryOf(read)) : outOfOrder(verifier.size);
    if (fault) return { events: verifier.size, checkpoint, fault };
  }
  return { events: verifier.size, checkpoint, fault: verifier.finish() };
}

function entryOf(read: z.infer<typeof bodyLine> | z.infer<typeof withheldLine>): HistoryEntry {
  return 'body' in read ? { body: read.body } : { withheldHash: read.hash };
}

function outOfOrder(leaf: number): HistoryFault {
  return { leaf, eventId: null, reason: 'a leaf is missing or out of order' };
}
