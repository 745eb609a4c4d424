import { z } from 'zod';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { explainZodError } from '../../schema/events/catalogue.ts';
import { evidenceSchema } from '../../schema/reputation/evidence.ts';
import {
  type Replayed,
  type ReplayedPiece,
  type ReplayedTick,
  replayedSchema,
} from '../../schema/reputation/replayed.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import { type StateView, defineStore } from '../shared/state.ts';
import { type Step, type StepContext, type StepResult, deadLetter, done, ok } from '../shared/step.ts';
import { evidenceId, keyOf } from './steps.ts';

type Outputs = 'reputationEvidence' | 'reputationReplayed';

const hourUs = 3_600_000_000;
/** What one message passes on at most. An hour with more comes in several. */
const piecesAtOnceMax = 5_000;
/** Hours that are looked up one by one; over a longer gap, all that waits is looked through. */
const hoursOneByOneMax = 1_000;

/** Per clock domain: the newest tick of each partition of `events` (-1 for none), and the instant before which everything has been passed on (null before the first). */
const marks = defineStore('marks', z.strictObject({ partitions: z.array(z.int()), passedUs: z.int().nullable() }));

/** Pieces that wait, by domain, hour and their place on the domain's clock. */
const waiting = defineStore('waiting', evidenceSchema, 2);

const decodeReplayed: Step<LogRecord, Replayed> = (record) => {
  const parsed = replayedSchema.safeParse(parseJson(record.value));
  return parsed.success ? ok(parsed.data) : deadLetter('UNDECODABLE', explainZodError(parsed.error));
};

/**
 * Evidence of replays, in whatever order several partitions give it, → the same in the order of the replay's clock. A piece waits until the clock has passed it in
 * every partition, so that what a source is trusted with when its word is counted is a function of what was replayed.
 */
export function replayOrderProcessor(eventPartitions: number): ProcessorConfig<Replayed, Outputs> {
  return {
    name: 'reputation-replays',
    input: 'reputationReplayed',
    outputs: ['reputationEvidence', 'reputationReplayed'],
    stores: [marks, waiting],
    decode: decodeReplayed,
    handle: (message, context) =>
      message.kind === 'PIECE' ? take(message, context) : advance(message, context, eventPartitions),
  };
}

function take(message: ReplayedPiece, { state, emit }: StepContext<Outputs>): StepResult<void> {
  const { domain, wallUs, evidence } = message;
  // Its clock has broken its promise: it counts all the same, as what comes late counts anywhere.
  if (wallUs < (state.get(marks, domain)?.passedUs ?? 0)) pass(evidence, emit);
  else state.put(waiting, placeOf(message), evidence);
  return done;
}

function advance(
  { domain, partition, wallUs }: ReplayedTick,
  { state, emit, record }: StepContext<Outputs>,
  eventPartitions: number,
): StepResult<void> {
  const before = state.get(marks, domain) ?? { partitions: [], passedUs: null };
  const partitions = Array.from({ length: eventPartitions }, (_, n) =>
    Math.max(n === partition ? wallUs : -1, before.partitions[n] ?? -1),
  );
  const watermarkUs = Math.min(...partitions);
  const due = watermarkUs > (before.passedUs ?? 0) ? piecesBefore(watermarkUs, { domain, state, before }) : [];
  for (const [place, evidence] of due.slice(0, piecesAtOnceMax)) {
    pass(evidence, emit);
    state.remove(waiting, place);
  }
  const isAll = due.length <= piecesAtOnceMax;
  state.put(marks, domain, {
    partitions,
    passedUs: isAll && watermarkUs >= 0 ? Math.max(watermarkUs, before.passedUs ?? 0) : before.passedUs,
  });
  // The rest comes with the same tick, once more.
  if (!isAll)
    emit('reputationReplayed', {
      key: domain,
      id: `${record.id}+`,
      value: { kind: 'TICK', domain, partition, wallUs },
    });
  return done;
}

type Waiting = readonly (readonly [place: string, evidence: ReplayedPiece['evidence']])[];

/** What waits from before an instant, in the order of its clock. */
function piecesBefore(
  untilUs: number,
  { domain, state, before }: { domain: string; state: StateView; before: { readonly passedUs: number | null } },
): Waiting {
  const limit = `${padded(untilUs)}.`;
  const [from, until] = [Math.floor((before.passedUs ?? 0) / hourUs), Math.floor(untilUs / hourUs)];
  const prefixes =
    until - from > hoursOneByOneMax
      ? [`${domain}|`]
      : Array.from({ length: until - from + 1 }, (_, n) => `${domain}|${padded((from + n) * hourUs)}|`);
  return prefixes
    .flatMap((prefix) => state.entries(waiting, prefix))
    .filter(([place]) => place.slice(place.lastIndexOf('|') + 1) < limit);
}

function pass(evidence: ReplayedPiece['evidence'], emit: StepContext<Outputs>['emit']): void {
  emit('reputationEvidence', { key: keyOf(evidence), id: evidenceId(evidence), value: evidence });
}

const padded = (us: number): string => String(us).padStart(16, '0');

/** Sorts as the clock's readings do, and pieces of one event as they were found. */
function placeOf({ domain, wallUs, counter, piece }: ReplayedPiece): string {
  const hour = padded(wallUs - (wallUs % hourUs));
  return `${domain}|${hour}|${padded(wallUs)}.${String(counter).padStart(5, '0')}.${String(piece).padStart(5, '0')}`;
}
