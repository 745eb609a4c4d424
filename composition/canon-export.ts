import type { Warehouse } from '../engines/warehouse/port.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';
import { originOf } from '../schema/merkle/checkpoint.ts';
import type { ExportLine } from '../schema/merkle/export-file.ts';
import { parseVerifierKey } from '../schema/merkle/signed-note.ts';
import { type Reader, mayRead } from '../subgraphs/canon/domain/access.ts';
import type { CanonStatus } from '../schema/warehouse/tables.ts';
import { writeNamed } from './named-file.ts';

interface Row {
  readonly id: string;
  readonly status: CanonStatus;
  readonly actor: string;
  readonly hash: string;
  readonly body: string;
  /** As text. */
  readonly leaf: string;
}

const pageRows = 2_000;

/** Canon's table does not hold every event of the tree; the message says what to do. */
class IncompleteExportError extends Error {
  override readonly name = 'IncompleteExportError';
}

function incomplete({ partition, size }: NodeProps['CanonTree'], leaf: number): IncompleteExportError {
  return new IncompleteExportError(
    `the warehouse lacks leaf ${leaf} of the ${size} of partition ${partition}: the platform ended before it had written all. Start it, wait until canonCheckpoint and canonEvents show the last events, stop it with SIGTERM, and export again; if that does not help, npm run rebuild`,
  );
}

/** The lines of an export of a partition for a reader, who gets the hashes alone of what they may not read. Throws an IncompleteExportError at the first leaf that is not there. */
export async function* exportLines(
  warehouse: Warehouse,
  head: NodeProps['CanonTree'],
  reader: Reader,
): AsyncGenerator<ExportLine> {
  yield { canonExport: 1, origin: originOf(parseVerifierKey(head.verifierKey).name, head.partition) };
  for (let from = 0; from < head.size; from += pageRows) {
    const to = Math.min(from + pageRows, head.size);
    const rows = await warehouse.query<Row>(
      `SELECT event_id AS id, status, actor, hash, body, toString(leaf_index) AS leaf FROM platform.canon_events FINAL
       WHERE log_partition = {partition:UInt16} AND leaf_index >= {from:UInt64} AND leaf_index < {to:UInt64} ORDER BY leaf_index`,
      { partition: head.partition, from, to },
    );
    for (let leaf = from; leaf < to; leaf += 1) {
      const row = rows[leaf - from];
      if (row === undefined || Number(row.leaf) !== leaf) throw incomplete(head, leaf);
      yield mayRead(row, reader) ? { leaf, body: row.body } : { leaf, hash: row.hash };
    }
  }
  yield { checkpoint: head.checkpoint };
}

/** Writes the lines to a file; resolves with their number. Where they break off the file stays as it was: half an export must not be taken for one. */
export async function writeLines(
  file: string,
  lines: AsyncIterable<ExportLine>,
  signal = new AbortController().signal,
): Promise<number> {
  let count = 0;
  async function* texts(): AsyncGenerator<string> {
    for await (const line of lines) {
      count += 1;
      yield `${JSON.stringify(line)}\n`;
    }
  }
  await writeNamed(file, texts(), signal);
  return count;
}
