import type { EventLog, LogRecord } from '../../engines/event-log/port.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type LedgerHead, type LedgerRow, ledgerRowSchema } from '../../schema/metrics/ledger-row.ts';
import { topics } from '../../schema/topics.ts';
import { parseJson } from '../shared/parse-json.ts';
import { verifyLedger } from './domain/ledger/verify.ts';

const pageRecords = 1_000;

/** Why a record is no row. Version 0.1.0 wrote one row per cell, without `cells`: what it has charged cannot be told from it for the metrics of today. */
function strangeness(value: unknown): string {
  const isOld = typeof value === 'object' && value !== null && 'releaseId' in value && !('cells' in value);
  return isOld
    ? 'it was written by version 0.1.0, and this version cannot go on with it: start on a new DATA_DIR and import the community again; old releases stay readable with the old version'
    : 'a record is no ledger row: restore DATA_DIR from a backup';
}

/** Every row of the ledger topic, in order; or why one of its records is no row. */
async function readLedger(eventLog: EventLog): Promise<readonly LedgerRow[] | string> {
  const rows: LedgerRow[] = [];
  for (let from = 0; ;) {
    const page: readonly LogRecord[] = await eventLog.read({
      topic: topics.privacyLedger.name,
      partition: 0,
      from,
      limit: pageRecords,
    });
    for (const record of page) {
      const value = parseJson(record.value);
      const row = ledgerRowSchema.safeParse(value);
      if (!row.success) return strangeness(value);
      rows.push(row.data);
    }
    const last = page.at(-1);
    if (!last) return rows;
    from = last.offset + 1;
  }
}

/** Checks the chain of the ledger on the log. Its head, or null where it is broken: then nothing may be released beside it. */
export async function checkLedger(eventLog: EventLog, logger: Logger): Promise<LedgerHead | null> {
  const rows = await readLedger(eventLog);
  const report = typeof rows === 'string' ? { kind: 'broken' as const, seq: null, reason: rows } : verifyLedger(rows);
  if (report.kind === 'whole') return report.head;
  logger.error(
    { seq: report.seq, reason: report.reason },
    'the privacy ledger is broken: nothing is released until it is restored',
  );
  return null;
}
