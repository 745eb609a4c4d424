import type { EventLog, LogRecord } from '../../engines/event-log/port.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type LedgerHead, type LedgerRow, ledgerRowSchema } from '../../schema/metrics/ledger-row.ts';
import { topics } from '../../schema/topics.ts';
import { parseJson } from '../shared/parse-json.ts';
import { verifyLedger } from './domain/ledger/verify.ts';

const pageRecords = 1_000;

/** Every row of the ledger topic, in order. A record that is no row ends it with null. */
async function readLedger(eventLog: EventLog): Promise<readonly LedgerRow[] | null> {
  const rows: LedgerRow[] = [];
  for (let from = 0; ;) {
    const page: readonly LogRecord[] = await eventLog.read({
      topic: topics.privacyLedger.name,
      partition: 0,
      from,
      limit: pageRecords,
    });
    for (const record of page) {
      const row = ledgerRowSchema.safeParse(parseJson(record.value));
      if (!row.success) return null;
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
  const report = rows
    ? verifyLedger(rows)
    : { kind: 'broken' as const, seq: null, reason: 'a record is no ledger row' };
  if (report.kind === 'whole') return report.head;
  logger.error(
    { seq: report.seq, reason: report.reason },
    'the privacy ledger is broken: nothing is released until it is restored',
  );
  return null;
}
