import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Warehouse } from '../engines/warehouse/port.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';
import { originOf } from '../schema/merkle/checkpoint.ts';
import type { ExportLine } from '../schema/merkle/export-file.ts';
import { parseVerifierKey } from '../schema/merkle/signed-note.ts';
import { type Reader, mayRead } from '../subgraphs/canon/domain/access.ts';
import type { CanonStatus } from '../schema/warehouse/tables.ts';

interface Row {
  readonly id: string;
  readonly status: CanonStatus;
  readonly actor: string;
  readonly hash: string;
  readonly body: string;
}

const pageRows = 2_000;

/** The lines of an export of a partition for a reader, who gets the hashes alone of what they may not read. */
export async function* exportLines(
  warehouse: Warehouse,
  head: NodeProps['CanonTree'],
  reader: Reader,
): AsyncGenerator<ExportLine> {
  yield { canonExport: 1, origin: originOf(parseVerifierKey(head.verifierKey).name, head.partition) };
  for (let from = 0; from < head.size; from += pageRows) {
    const rows = await warehouse.query<Row>(
      `SELECT event_id AS id, status, actor, hash, body FROM platform.canon_events FINAL
       WHERE log_partition = {partition:UInt16} AND leaf_index >= {from:UInt64} AND leaf_index < {to:UInt64} ORDER BY leaf_index`,
      { partition: head.partition, from, to: Math.min(from + pageRows, head.size) },
    );
    for (const [n, { hash, body, ...event }] of rows.entries())
      yield mayRead(event, reader) ? { leaf: from + n, body } : { leaf: from + n, hash };
  }
  yield { checkpoint: head.checkpoint };
}

/** Writes the lines to a file; resolves with their number. */
export async function writeLines(file: string, lines: AsyncIterable<ExportLine>): Promise<number> {
  const stream = createWriteStream(file, { flags: 'w', mode: 0o600 });
  let count = 0;
  for await (const line of lines) {
    count += 1;
    if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  return count;
}
