import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { EventLog } from '../engines/event-log/port.ts';
import { metrics } from '../schema/metrics/catalogue.ts';
import { retiredMetrics } from '../schema/metrics/declared/retired.ts';
import { ledgerRowSchema } from '../schema/metrics/ledger-row.ts';
import { signedRootSchema } from '../schema/metrics/signed-root.ts';
import { type TopicName, topics } from '../schema/topics.ts';
import { tables } from '../schema/warehouse/tables.ts';
import { parseJson } from '../streams/shared/parse-json.ts';
import { verifyReleases } from '../streams/privacy/verify-export.ts';
import { VerificationError } from './canon-commands.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { openFilledEngines } from './engines.ts';
import { readNamed, writeNamed } from './named-file.ts';

const usage = `usage:
  npm run export:releases -- FILE                       ledger, releases and signed roots (server stopped)
  npm run verify:releases -- FILE [--key BASE64]        recomputes all of it, offline; --key is the platform's public key`;

const pageRecords = 1_000;
const faultsShown = 20;

const rows = { ledger: ledgerRowSchema, releases: tables['analytics.releases'], roots: signedRootSchema } as const;
const exportSchema = z.strictObject({
  ledger: z.array(rows.ledger),
  releases: z.array(rows.releases),
  roots: z.array(rows.roots),
});

/** The rows that a topic holds, and how many of its records are none: somebody else wrote those. */
export async function rowsOf(
  eventLog: EventLog,
  topic: TopicName,
  row: z.ZodType,
  signal = new AbortController().signal,
): Promise<{ readonly found: readonly unknown[]; readonly foreign: number }> {
  const found: unknown[] = [];
  let foreign = 0;
  for (let from = 0; ;) {
    const page = await eventLog.read({ topic: topics[topic].name, partition: 0, from, limit: pageRecords });
    for (const { value } of page) {
      const json = parseJson(value);
      if (row.safeParse(json).success) found.push(json);
      else foreign += 1;
    }
    const last = page.at(-1);
    if (!last) return { found, foreign };
    from = last.offset + 1;
    // The embedded log answers without a turn of the event loop, in which alone signals of the system arrive.
    await nextTurn();
    signal.throwIfAborted();
  }
}

/** `export:releases`: everything that is public about releases, in one file. */
export async function exportReleases({ config, args, signal }: CommandLine): Promise<void> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError(`one FILE is needed\n${usage}`);
  const engines = await openFilledEngines(config);
  try {
    const { eventLog } = engines;
    const all = [
      await rowsOf(eventLog, 'privacyLedger', rows.ledger, signal),
      await rowsOf(eventLog, 'privacyReleases', rows.releases, signal),
      await rowsOf(eventLog, 'privacyRoots', rows.roots, signal),
    ] as const;
    const [ledger, releases, roots] = [all[0].found, all[1].found, all[2].found];
    await writeNamed(file, [`${JSON.stringify(exportSchema.parse({ ledger, releases, roots }))}\n`], signal);
    process.stderr.write(`${releases.length} releases, ${ledger.length} ledger rows, ${roots.length} signed roots\n`);
    const foreign = all.reduce((sum, each) => sum + each.foreign, 0);
    if (foreign > 0) process.stderr.write(`${foreign} records of their topics are no such rows: left out\n`);
  } finally {
    await engines.close();
  }
}

function jsonOf(file: string): unknown {
  const text = readNamed(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new VerificationError(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** `verify:releases`: recomputes an export. Throws {@link VerificationError} that names what does not hold. */
export async function verifyReleaseFile({ args }: Pick<CommandLine, 'args'>): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { key: { type: 'string' } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError(`one FILE is needed\n${usage}`);
  const parsed = exportSchema.safeParse(jsonOf(file));
  if (!parsed.success) throw new VerificationError(`${file}: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.ledger.length === 0)
    throw new VerificationError(`${file} holds no ledger row: there is nothing to verify. Was DATA_DIR another one?`);
  const { faults, rows, releases, roots, unsigned } = verifyReleases(parsed.data, {
    metrics,
    retired: retiredMetrics,
    publicKey: values.key ?? null,
  });
  if (faults.length > 0)
    throw new VerificationError(`${faults.length} faults in ${file}:\n${faults.slice(0, faultsShown).join('\n')}`);
  const open = unsigned > 0 ? ` The newest ${unsigned} rows are of a day that goes on: no root is signed yet.` : '';
  process.stdout.write(
    `${releases} releases, ${rows} ledger rows and ${roots} signed roots hold.${open} It is not proved that inputs were bounded or that noise was honest.\n`,
  );
}
