import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { type PatternThresholds, behaviours, patternThresholds } from '../../schema/canon/behaviours.ts';
import { type KnownEvent, decodeEventRecord } from '../../schema/events/catalogue.ts';
import { type CanonEvent, GENESIS_HASH, hashEvent, isOfCreator } from '../../schema/events/envelope.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';
import { hlcSchema } from '../../schema/hlc.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import { createProcessor } from '../shared/processor.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import { defineStore } from '../shared/state.ts';
import { type Step, deadLetter, done, drop, ok } from '../shared/step.ts';
import { type PatternState, patternId, see } from './domain/pattern.ts';

const usPerDay = 86_400_000_000;
/** Events of patterns are named after the pattern: proposed again, it is the same event. */
const patternNamespace = '0b0e1bb8-6a0f-4c8e-9f43-9b7f6a4f9c11';
/** The platform's own agent, so that what it proposes is EMERGENT and waits for a person. */
const observer = 'imvu:observer';

const sightingSchema = z.strictObject({
  behaviour: z.string(),
  subject: z.string(),
  creatorId: z.string(),
  day: z.int(),
  hlc: hlcSchema,
  region: z.string(),
});
type DatedSighting = z.infer<typeof sightingSchema>;

/** The last day on which a creator was told to do something. */
const toldDays = defineStore('told', z.int());
const patterns = defineStore<PatternState>(
  'patterns',
  z.strictObject({ creators: z.record(z.string(), z.int()), days: z.array(z.int()), isProposed: z.boolean() }),
);

const decodeCanonical: Step<LogRecord, KnownEvent> = ({ value }) => {
  const row = tables['platform.canon_events'].safeParse(parseJson(value));
  if (!row.success) return deadLetter('UNDECODABLE', 'not a row of platform.canon_events');
  if (row.data.status !== 'CANONICAL' || !isOfCreator(row.data.source)) return drop('NOT_COUNTED');
  const decoded = decodeEventRecord(row.data.body);
  return decoded.kind === 'event' ? ok(decoded.event) : drop('NOT_COUNTED');
};

/** What creators did that may become a pattern, once for each creator, subject and day. */
const findSightings: Step<KnownEvent, void, 'canonSightings'> = (event, { state, emit }) => {
  const day = Math.floor(event.hlc.wallUs / usPerDay);
  let count = 0;
  for (const [behaviour, watched] of Object.entries(behaviours)) {
    if (watched.type !== event.type) continue;
    for (const subject of new Set(watched.subjectsOf(event.payload))) {
      const key = `${behaviour}|${subject}|${event.actor}`;
      if ((state.get(toldDays, key) ?? -1) >= day) continue;
      state.put(toldDays, key, day);
      const value: DatedSighting = {
        ...{ behaviour, subject, creatorId: event.actor, day },
        ...{ hlc: event.hlc, region: event.region },
      };
      emit('canonSightings', { key: `${behaviour}|${subject}`, id: `${event.id}:${behaviour}:${subject}`, value });
      count += 1;
    }
  }
  return count > 0 ? done : drop('NO_BEHAVIOUR');
};

const decodeSighting: Step<LogRecord, DatedSighting> = ({ value }) => {
  const sighting = sightingSchema.safeParse(parseJson(value));
  return sighting.success ? ok(sighting.data) : deadLetter('UNDECODABLE', 'not a sighting');
};

function proposalOf(sighting: DatedSighting, { creatorsMin, daysMin }: PatternThresholds): CanonEvent {
  const { behaviour, subject, hlc, region } = sighting;
  const id = patternId(sighting);
  const event: Omit<CanonEvent, 'hash'> = {
    id: uuidv5(id, patternNamespace),
    type: 'canon.pattern-observed',
    typeVersion: 1,
    hlc,
    region,
    entity: { type: 'Pattern', id },
    entityVersion: 1,
    actor: observer,
    source: 'IMVU',
    causedBy: [],
    handshake: HANDSHAKE,
    payload: { behaviour, subject, creatorsMin, daysMin },
    sealed: [],
    prevHash: GENESIS_HASH,
  };
  return { ...event, hash: hashEvent(event) };
}

const watch =
  (thresholds: PatternThresholds): Step<DatedSighting, void, 'events'> =>
  (sighting, { state, emit }) => {
    const key = patternId(sighting);
    const before = state.get(patterns, key);
    const after = see(before, sighting, thresholds);
    if (after === before) return drop('NOTHING_NEW');
    state.put(patterns, key, after);
    if (after.isProposed) {
      const event = proposalOf(sighting, thresholds);
      emit('events', { key: event.entity.id, id: event.id, value: event });
    }
    return done;
  };

/** What canon holds → who did what alike, on which day. */
export const sightingsProcessor: ProcessorConfig<KnownEvent, 'canonSightings'> = {
  name: 'canon-sightings',
  input: 'canonRecords',
  outputs: ['canonSightings'],
  stores: [toldDays],
  decode: decodeCanonical,
  handle: findSightings,
};

/** The same behaviour of many creators, for long enough → an event that proposes it as canon. */
export function patternsProcessor(
  thresholds: PatternThresholds = patternThresholds,
): ProcessorConfig<DatedSighting, 'events'> {
  return {
    name: 'canon-patterns',
    input: 'canonSightings',
    outputs: ['events'],
    stores: [patterns],
    decode: decodeSighting,
    handle: watch(thresholds),
  };
}

/** Both processors on a log. */
export function createPatternPipelines(deps: StageDeps): readonly Stage[] {
  return [createProcessor(sightingsProcessor, deps), createProcessor(patternsProcessor(), deps)];
}
