import { accessSync, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { GraphReader } from '../engines/graph-store/port.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';
import {
  type Checkpoint,
  openCheckpoint,
  verifyConsistencyText,
  verifyInclusionText,
} from '../schema/merkle/checkpoint.ts';
import { verifyCertificate } from '../schema/merkle/certificate.ts';
import { verifyExport } from '../schema/merkle/export-file.ts';
import { eventLeaf } from '../schema/merkle/hash.ts';
import type { HistoryFault } from '../schema/merkle/history.ts';
import { type NoteVerifier, parseVerifierKey } from '../schema/merkle/signed-note.ts';
import { grantsOf } from '../subgraphs/canon/grants.ts';
import { canonPublicKeyFile } from './canon-key.ts';
import { exportLines, writeLines } from './canon-export.ts';
import { exportLinesOf } from './export-lines.ts';
import { VerifiedSources } from '../streams/canon/domain/verified-sources.ts';
import { verifyLog } from './canon-verify-log.ts';
import { type CommandLine, UsageError, canonUsage } from './command-line.ts';
import { openFilledEngines } from './engines.ts';
import { readNamed } from './named-file.ts';

const usage = `usage:\n${canonUsage}`;

const partitionsMax = 1_024;
/** Those by which more of canon is read than everybody reads. */
const readingScopes: readonly string[] = ['guardian', 'audit'];

/** Something that was to be verified does not hold; the message says what. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

async function treeHeads(store: GraphReader): Promise<readonly NodeProps['CanonTree'][]> {
  const page = await store.find({ type: 'CanonTree', orderBy: 'partition', order: 'asc', limit: partitionsMax });
  return page.items.map(({ props }) => props);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** `export:canon`: a partition's events in the order of its tree, with the checkpoint that covers them. */
export async function exportCanon({ config, args, signal }: CommandLine): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      partition: { type: 'string', default: '0' },
      for: { type: 'string' },
      scopes: { type: 'string', default: '' },
    },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError(`one FILE is needed\n${usage}`);
  const scopes = values.scopes.split(/[ ,]+/).filter((scope) => scope !== '');
  // A mistyped one would leave out what it was to open, and nothing would say so.
  const unknown = scopes.find((scope) => !readingScopes.includes(scope));
  if (unknown !== undefined)
    throw new UsageError(`--scopes ${unknown} opens nothing of canon: it is ${readingScopes.join(' or ')}, or both`);
  const engines = await openFilledEngines(config);
  try {
    const head = (await treeHeads(engines.store)).find(({ partition }) => String(partition) === values.partition);
    if (!head) throw new UsageError(`canon holds no event in partition ${values.partition} of ${config.dataDir}`);
    const creatorId = await creatorIdOf(engines.store, values.for);
    const granted = await grantsOf(engines.store, creatorId);
    const reader = { creatorId, scopes, granted };
    const lines = await writeLines(file, exportLines(engines.warehouse, head, reader), signal);
    say(`${file}: ${lines - 2} events with their checkpoint. Its public key: ${head.verifierKey}`);
  } finally {
    await engines.close();
  }
}

async function creatorIdOf(store: GraphReader, username: string | undefined): Promise<string | null> {
  if (username === undefined) return null;
  const [creator] = await store.findUnique('Creator', 'usernameKey', [username.toLowerCase()]);
  if (!creator) throw new UsageError(`there is no creator ${username}`);
  return creator.id;
}

/** A key as its text or the file that holds it; without either, that of `DATA_DIR`. */
function readKey(given: string | undefined, dataDir: string): NoteVerifier {
  const from = given ?? canonPublicKeyFile(dataDir);
  const isThere = readNamed(from, (path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
  if (given === undefined && !isThere)
    throw new UsageError(`--key is missing, and there is no ${from}: give the log's public key\n${usage}`);
  if (!isThere && !from.includes('+'))
    throw new UsageError(`--key ${from}: there is no such file, and it is no key (<name>+<key id>+<key>) either`);
  return parseVerifierKey(isThere ? readNamed(from) : from);
}

/** `verify:canon`: checks the log, an export or a proof, offline, with the public key alone. */
export async function verifyCanon({ config, args }: CommandLine): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      checkpoint: { type: 'string', multiple: true, default: [] },
      proof: { type: 'string' },
      event: { type: 'string' },
      consistency: { type: 'string' },
      certificate: { type: 'string' },
    },
  });
  const { proof, certificate, consistency } = values;
  const subjects = [...positionals, proof, certificate, consistency].filter((each) => each !== undefined);
  if (subjects.length > 1) throw new UsageError(`one thing at a time, not ${subjects.join(' and ')}\n${usage}`);
  if (values.event !== undefined && proof === undefined)
    throw new UsageError(`--event HASH is for --proof FILE, which is missing\n${usage}`);
  if (values.checkpoint.length > 0 && (proof ?? certificate) !== undefined)
    throw new UsageError(`--checkpoint FILE says nothing about a proof or a certificate: leave it out\n${usage}`);
  if (consistency !== undefined && values.checkpoint.length > 1)
    throw new UsageError(`--consistency FILE starts from one --checkpoint FILE, not from ${values.checkpoint.length}`);
  // Before the key is asked for: whoever mistyped a name is told of the name.
  for (const each of [...subjects, ...values.checkpoint]) readNamed(each, (path) => accessSync(path, constants.R_OK));
  const log = readKey(values.key, config.dataDir);
  const kept = values.checkpoint.map((file) => openCheckpoint(readNamed(file), log));
  const [file] = positionals;
  if (proof !== undefined) return verifyProof(proof, values.event, log);
  if (certificate !== undefined) {
    const { creatorId, keyId, erasedAt, checkpoint } = verifyCertificate(readNamed(certificate), log);
    return say(
      `holds: creator ${creatorId} was erased at ${erasedAt}, key ${keyId ?? '(none)'} (${checkpoint.origin})`,
    );
  }
  if (consistency !== undefined) {
    const [older] = kept;
    if (!older) throw new UsageError(`--checkpoint FILE is missing: the one to start from\n${usage}`);
    const newer = verifyConsistencyText(readNamed(consistency), older, log);
    return say(`holds: the first ${older.size} of ${newer.size} events of ${newer.origin} are as they were`);
  }
  if (file !== undefined) return verifyFile(file, log, kept);
  const engines = await openFilledEngines(config);
  try {
    const sources = new VerifiedSources();
    const origins = new Set<string>();
    for (const head of await treeHeads(engines.store)) {
      const startedMs = performance.now();
      const verdict = await verifyLog(engines, head, { log, kept, sources });
      tell(verdict, performance.now() - startedMs);
      if (verdict.checkpoint) origins.add(verdict.checkpoint.origin);
    }
    const foreign = kept.find(({ origin, size }) => size > 0 && !origins.has(origin));
    if (foreign)
      throw new VerificationError(
        `DOES NOT HOLD: the checkpoint kept covers ${foreign.size} events of ${foreign.origin}, of which this log holds none`,
      );
    if (origins.size === 0) say('nothing to verify: the log holds no event of canon yet');
    const unfounded = sources.firstUnfounded();
    if (unfounded)
      throw new VerificationError(
        `DOES NOT HOLD at leaf ${unfounded.leaf} of partition ${unfounded.partition}, event ${unfounded.eventId}: ${unfounded.reason}`,
      );
  } finally {
    await engines.close();
  }
}

function verifyProof(file: string, hash: string | undefined, log: NoteVerifier): void {
  if (hash === undefined || !/^[0-9a-f]{64}$/.test(hash))
    throw new UsageError(`--event HASH is missing: the event's hash, 64 hex digits\n${usage}`);
  const { index, checkpoint } = verifyInclusionText(readNamed(file), eventLeaf(hash), log);
  say(`holds: the event is leaf ${index} of the ${checkpoint.size} of ${checkpoint.origin}`);
}

async function verifyFile(file: string, log: NoteVerifier, kept: readonly Checkpoint[]): Promise<void> {
  const startedMs = performance.now();
  const last = readNamed(file, lastLine);
  const handle = await open(file);
  try {
    const lines = exportLinesOf(handle.createReadStream());
    tell(await verifyExport(lines, { last, log, kept }), performance.now() - startedMs);
  } finally {
    await handle.close();
  }
}

/** The last line of a file, at most 64 KiB of it. */
function lastLine(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, 65_536));
    readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8').trimEnd().split('\n').at(-1) ?? '';
  } finally {
    closeSync(handle);
  }
}

function tell(
  verdict: { readonly events: number; readonly fault: HistoryFault | null; readonly checkpoint: Checkpoint | null },
  ms: number,
): void {
  const { events, fault, checkpoint } = verdict;
  if (fault) {
    const which = fault.eventId === null ? '' : `, event ${fault.eventId}`;
    throw new VerificationError(`DOES NOT HOLD at leaf ${fault.leaf}${which}: ${fault.reason}`);
  }
  const rate = Math.round((events / ms) * 1000).toLocaleString('en');
  say(`holds: ${events} events of ${checkpoint?.origin ?? 'nobody'} (${rate}/s)`);
}
