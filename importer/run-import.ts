import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventLog } from '../engines/event-log/port.ts';
import { type GraphStore, type GraphTransaction, StoreUnavailableError } from '../engines/graph-store/port.ts';
import { HlcClock, type HlcReading } from '../runtime/hlc-clock.ts';
import { type DeadLetter, deadLetterSchema } from '../schema/dead-letter.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';
import { hlcToIso } from '../schema/hlc.ts';
import type { ImportLine } from '../schema/import/line.ts';
import { topics } from '../schema/topics.ts';
import type { CommandContext } from '../subgraphs/shared/command.ts';
import { isErasedCreator } from '../subgraphs/shared/sealing.ts';
import { perform } from './perform.ts';
import type { ImportSource, NumberedLine } from './read-import.ts';
import { ImportFileError } from './read-import.ts';
import { idOf, platformActor } from './references.ts';

/** Lines that commit together: enough to share one flush to disk, few enough to leave the event loop to others. */
const linesPerTransaction = 64;
const hourUs = 3_600_000_000;
/** Ten years: a longer silence is a wrong date, and would cost a tick and a set of releases for each of its hours. */
const gapMaxUs = 10 * 8_766 * hourUs;

export interface ImportDependencies {
  readonly store: GraphStore;
  readonly eventLog: EventLog;
  readonly masterKey: Buffer;
  readonly region: string;
}

export interface ImportReport {
  readonly community: string;
  readonly lines: number;
  readonly refused: number;
  /** True where an earlier run had loaded all of it. */
  readonly alreadyLoaded: boolean;
}

type Progress = NodeProps['ImportProgress'];

/**
 * Loads a community through the platform's own commands, on a clock that shows each line's time, with ticks of that clock every
 * hour. What was loaded and how far commit together: killed at any instant, a second run goes on behind the last
 * committed line. A line that the rules refuse, or that is none, becomes a dead letter and is counted. Throws
 * {@link ImportFileError} when another source was loaded under this community's name.
 */
export async function runImport(
  dependencies: ImportDependencies,
  source: ImportSource,
  options: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<ImportReport> {
  const { community } = source.header;
  const partitions = await dependencies.eventLog.partitionsOf(topics.events.name);
  let progress = await readProgress(dependencies.store, source);
  const alreadyLoaded = progress.done;
  const total = source.lines.length;
  let size = linesPerTransaction;
  while (!progress.done && options.signal?.aborted !== true) {
    const batch = source.lines.slice(progress.lines, progress.lines + size);
    const isLast = progress.lines + batch.length >= total;
    const before = progress;
    try {
      progress = await dependencies.store.transact((tx) =>
        loadBatch(dependencies, { tx, community, partitions, batch, before, isLast }),
      );
    } catch (error) {
      // A busy server ends transactions that take too long: fewer lines take less.
      if (!(error instanceof StoreUnavailableError) || size === 1) throw error;
      size = Math.ceil(size / 4);
    }
    options.onProgress?.(progress.lines, total);
    await nextTurn();
  }
  return { community, lines: progress.lines, refused: progress.refused, alreadyLoaded };
}

async function readProgress(store: GraphStore, source: ImportSource): Promise<Progress> {
  const [known] = await store.get('ImportProgress', [`import|${source.header.community}`]);
  if (!known) return { sourceHash: source.hash, lines: 0, refused: 0, done: false, wallUs: 0, counter: 0 };
  if (known.props.sourceHash !== source.hash) {
    throw new ImportFileError(
      `community ${source.header.community} was loaded from another source before: restore that one, or name this community differently in its header`,
    );
  }
  return known.props;
}

interface Batch {
  readonly tx: GraphTransaction;
  readonly community: string;
  readonly partitions: number;
  readonly batch: readonly NumberedLine[];
  readonly before: Progress;
  readonly isLast: boolean;
}

async function loadBatch(
  dependencies: ImportDependencies,
  { tx, community, partitions, batch, before, isLast }: Batch,
): Promise<Progress> {
  const replay = createReplay(community, before);
  let refused = before.refused;
  for (const entry of batch) {
    const fault =
      'fault' in entry
        ? { code: 'INVALID_LINE', message: entry.fault }
        : await loadLine(dependencies, tx, { community, partitions, replay, line: entry.line });
    if (fault === null) continue;
    refused += 1;
    await tx.append([deadLetterOf(community, entry, { ...fault, atMs: Math.floor(replay.wallUs() / 1000) })]);
  }
  if (isLast) await appendTicks(tx, { community, partitions, fromUs: replay.wallUs(), toUs: replay.wallUs() + hourUs });
  const progress: Progress = {
    sourceHash: before.sourceHash,
    lines: before.lines + batch.length,
    refused,
    done: isLast,
    ...replay.reading(),
  };
  await tx.put({ type: 'ImportProgress', id: `import|${community}`, props: progress });
  return progress;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

async function loadLine(
  dependencies: ImportDependencies,
  tx: GraphTransaction,
  { community, partitions, replay, line }: { community: string; partitions: number; replay: Replay; line: ImportLine },
): Promise<Refusal | null> {
  const atUs = Date.parse(line.at) * 1000;
  if (atUs < replay.wallUs())
    return { code: 'OUT_OF_ORDER', message: `at: ${line.at} lies before the line above; sort the file by time` };
  if (atUs <= 0)
    return { code: 'TOO_OLD', message: `at: ${line.at} lies before 1970-01-01T00:00:01Z, where clocks begin` };
  if (replay.wallUs() > 0 && atUs - replay.wallUs() > gapMaxUs) {
    return {
      code: 'GAP',
      message: `at: ${line.at} lies more than ten years after the line above: is it a slip? The clock ticks through every hour between`,
    };
  }
  if (atUs > Date.now() * 1000) return { code: 'FUTURE', message: `at: ${line.at} lies in the future` };
  await appendTicks(tx, { community, partitions, fromUs: replay.wallUs(), toUs: atUs });
  replay.moveTo(atUs);
  let ids = 0;
  const by = 'by' in line ? line.by : undefined;
  const actor = actorOf(community, line, by);
  const absence = actor.source === 'CREATOR' ? await absenceOf(tx, actor.id, line) : null;
  if (absence) return absence;
  const context: CommandContext = {
    tx,
    actor,
    masterKey: dependencies.masterKey,
    region: dependencies.region,
    hlc: () => replay.now(),
    nowIso: hlcToIso(replay.now()),
    newId: () => idOf(community, 'event', `${line.id}|${ids++}`),
  };
  const result = await perform(context, community, line);
  return result.ok
    ? null
    : { code: result.errors[0]?.code ?? 'INVALID', message: result.errors.map((error) => error.message).join('; ') };
}

/** Why nobody can do what a line tells; null where somebody can. Commands are written for those who have a creator: the API lets nobody else in. */
async function absenceOf(tx: GraphTransaction, actorId: string, line: ImportLine): Promise<Refusal | null> {
  const [creator] = await tx.get('Creator', [actorId]);
  // Erased while their community is still being loaded, or between two runs: what they did after that must not come in again.
  if (creator && isErasedCreator(creator))
    return { code: 'ERASED', message: 'by: this creator has been erased on this platform' };
  if (creator || line.do === 'creator.register') return null;
  return { code: 'NOT_FOUND', message: 'by: no line above registers this creator, or the one that does was refused' };
}

function actorOf(community: string, line: ImportLine, by: string | undefined): CommandContext['actor'] {
  const reference = by ?? (line.do === 'creator.register' ? line.creator : undefined);
  return reference === undefined
    ? { id: platformActor(community), source: 'EXTERNAL' }
    : { id: idOf(community, 'creator', reference), source: 'CREATOR' };
}

/** One tick per full hour in (fromUs, toUs], to every partition; none before the first line. */
async function appendTicks(
  tx: GraphTransaction,
  { community, partitions, fromUs, toUs }: { community: string; partitions: number; fromUs: number; toUs: number },
): Promise<void> {
  const domain = `replay:${community}`;
  const firstHour = fromUs === 0 ? Math.floor(toUs / hourUs) : Math.floor(fromUs / hourUs) + 1;
  for (let hour = firstHour; hour * hourUs <= toUs; hour += 1) {
    const value = JSON.stringify({ tick: domain, wallUs: hour * hourUs });
    await tx.append(
      Array.from({ length: partitions }, (_, partition) => ({
        topic: topics.events.name,
        key: domain,
        id: `tick|${domain}|${hour}|${partition}`,
        value,
        partition,
      })),
    );
  }
}

function deadLetterOf(
  community: string,
  entry: NumberedLine,
  fault: Refusal & { atMs: number },
): { topic: string; key: string; id: string; value: string } {
  const id = `import|${community}|${entry.number}`;
  const letter: DeadLetter = {
    processor: 'import',
    reason: fault.code,
    message: `line ${entry.number}: ${fault.message}`.slice(0, 1_000),
    topic: `import:${community}`,
    partition: 0,
    offset: entry.number,
    key: 'line' in entry ? entry.line.id : '',
    id,
    // The line itself may hold a person's words, which nothing but the source file and sealed fields may keep.
    value: null,
    valueCut: true,
    refusedAtMs: fault.atMs,
  };
  return { topic: topics.deadLetters.name, key: id, id, value: JSON.stringify(deadLetterSchema.parse(letter)) };
}

interface Replay {
  wallUs(): number;
  moveTo(wallUs: number): void;
  now(): HlcReading;
  reading(): { wallUs: number; counter: number };
}

/** The import's own hybrid clock: it shows the time of the line at hand and goes on from the last committed reading. */
function createReplay(community: string, last: { wallUs: number; counter: number }): Replay {
  let wallUs = last.wallUs;
  let reading = { wallUs: last.wallUs, counter: last.counter };
  const clock = new HlcClock({ node: `replay:${community}`, wall: { nowUs: () => wallUs } });
  clock.restore(last);
  return {
    wallUs: () => wallUs,
    moveTo: (target) => {
      wallUs = target;
    },
    now: () => {
      const next = clock.now();
      reading = { wallUs: next.wallUs, counter: next.counter };
      return next;
    },
    reading: () => (reading.wallUs >= wallUs ? reading : { wallUs, counter: 0 }),
  };
}
