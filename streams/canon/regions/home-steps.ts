import { GENESIS_HASH } from '../../../schema/events/envelope.ts';
import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import type { LogRecord } from '../../../engines/event-log/port.ts';
import type { ProcessorConfig } from '../../shared/processor-config.ts';
import { type Step, deadLetter, done, drop, ok, pipe } from '../../shared/step.ts';
import { canonProcessor } from '../canon-pipeline.ts';
import { chainKey, foldOf, headOf } from '../domain/chain.ts';
import type { Claim } from '../domain/resolution/claim.ts';
import { openStatus } from '../domain/resolution/status.ts';
import { eventRow, statusRow } from '../domain/rows.ts';
import { dockets, disputedRows, rejectedEvents } from '../docket.ts';
import { type CanonContext, type CanonOutputs, causeOf, forgetWaiting, goOn, reconsider } from '../reconsider.ts';
import { decideStatus } from '../resolve-steps.ts';
import { type CanonMessage, verifyBytes, verifyLink } from '../steps.ts';
import { chainHeads, leafCount, takenEvents } from '../stores.ts';
import { hearVoice } from '../voice-steps.ts';
import type { Entry } from './entry.ts';

/** What a record of a region's log is to its home's canon. */
export type Matter =
  /** What the home does: takes, yields, confirms. */
  | { readonly kind: 'act'; readonly entry: Entry; readonly at: number }
  /** An event that the home judges; `epoch` is the term under which it was written. `isAnew`: this region judged it in a term that did not last. */
  | {
      readonly kind: 'event';
      readonly entry: Entry;
      readonly epoch: number;
      readonly leaf: number;
      readonly isAnew: boolean;
    };

type HomeStep = Step<Matter, void, CanonOutputs>;

/** Records after which dockets that nothing happens on are looked through. */
const sweepRecords = 64;

function messageOf({ event, stored, text, claim }: Entry, change: Partial<Claim>): CanonMessage {
  return { event, stored, body: text, claim: { ...claim, ...change } };
}

/** A stub's hash was vouched for by its attestation; everything else is checked by its bytes. */
const verifyEntry = (entry: Entry): Step<CanonMessage, CanonMessage> =>
  entry.isStub
    ? (message, { state }) => {
        const taken = state.get(takenEvents, message.stored.id);
        if (taken === undefined) return ok(message);
        return taken === message.stored.hash
          ? drop('DUPLICATE')
          : deadLetter('ID_REUSED', 'id: an event of this id with other content was accepted before');
      }
    : verifyBytes;

const decideAndHear: Step<CanonMessage, void, CanonOutputs> = pipe(decideStatus, hearVoice);

/** What the home says about itself is a plain chain of its own. */
const takeAct: HomeStep = (matter, context) => {
  const result = pipe(verifyBytes, verifyLink, decideStatus)(messageOf(matter.entry, {}), context);
  if (result.kind !== 'ok') return result;
  const { event } = matter.entry;
  if (event.type === 'region.home-taken') beginTerm(event.payload, context);
  if (event.type === 'region.home-yielded') endTerm(chainKey(event.payload.entity), context);
  return done;
};

/** The new home goes on from what was settled; what was not, it will confirm itself. */
function beginTerm({ entity, head }: PayloadOf<'region.home-taken'>, { state }: CanonContext): void {
  const key = chainKey(entity);
  state.remove(dockets, key);
  if (head === null) state.remove(chainHeads, key);
  else state.put(chainHeads, key, head);
}

/** What is not settled is left to the next home: here it counts as never decided. */
function endTerm(entity: string, { state }: CanonContext): void {
  const docket = state.get(dockets, entity);
  if (!docket) return;
  for (const { id } of docket.claims) {
    state.remove(disputedRows, id);
    state.remove(takenEvents, id);
  }
  forgetWaiting({ state }, { entity, settled: docket.claims, claims: [] });
  state.remove(dockets, entity);
  const { fold, hash } = docket.base;
  if (hash === GENESIS_HASH) state.remove(chainHeads, entity);
  else state.put(chainHeads, entity, headOf(fold, { version: fold.version, hash }));
}

/**
 * Judges an event about an entity of which this log's region is the home. It stays on a docket for `contestUs`, since another region may have written in its
 * place unseen; what comes later than that has lost to what canon held.
 */
function judge(contestUs: number): HomeStep {
  return (matter, context) => {
    if (matter.kind !== 'event') return drop('ACT');
    const { entry, epoch, leaf } = matter;
    const { state } = context;
    if (matter.isAnew) {
      state.remove(takenEvents, entry.stored.id);
      state.remove(rejectedEvents, entry.stored.id);
    }
    const causedBy = entry.claim.causedBy.filter((id) => causeOf(context, id) !== undefined);
    const checked = verifyEntry(entry)(messageOf(entry, { epoch, causedBy }), context);
    if (checked.kind !== 'ok') return checked;
    state.put(leafCount, '', leaf);
    const key = chainKey(entry.event.entity);
    const docket = state.get(dockets, key);
    const head = state.get(chainHeads, key);
    const base = docket?.base ?? { fold: foldOf(head), hash: head?.hash ?? GENESIS_HASH };
    const { prevHash, id, hash } = entry.stored;
    state.put(takenEvents, id, hash);
    if (prevHash !== base.hash && !docket?.claims.some((claim) => claim.hash === prevHash))
      return rejectLate(entry, leaf, context);
    if (!docket) state.put(dockets, key, { base, claims: [], rulings: [], votes: [], told: {}, cases: {}, contestUs });
    return decideAndHear(checked.value, context);
  };
}

function rejectLate(
  { stored, text }: Entry,
  leaf: number,
  { state, emit, record }: CanonContext,
): ReturnType<HomeStep> {
  const open = { seq: 0, status: openStatus(stored.source), reason: 'written in another region', contradiction: null };
  const late = {
    seq: 1,
    status: 'NON_CANONICAL' as const,
    reason: 'its place in the chain was settled before it came; what canon already held came first',
    contradiction: 'STATE' as const,
  };
  for (const move of [open, late])
    emit('canonStatus', { key: stored.id, id: `${stored.id}:${move.seq}`, value: statusRow(stored, move) });
  const { partition, offset } = record;
  const value = eventRow(stored, late, { partition, offset, leaf, body: text });
  emit('canonRecords', { key: stored.entity.id, id: `${stored.id}:1`, value, partition });
  state.put(rejectedEvents, stored.id, 1);
  return done;
}

/** Now and then: what nobody can contest any more is settled, also where nothing happens. */
function settleQuiet(contestUs: number, context: CanonContext): void {
  const { state, record } = context;
  if (record.offset % sweepRecords !== 0) return;
  const quiet = state
    .entries(dockets)
    .filter(([, { claims }]) => claims.every(({ hlc }) => hlc.wallUs + contestUs <= record.appendedAtMs * 1_000));
  if (quiet.length > 0)
    reconsider(
      context,
      quiet.map(([entity]) => entity),
    );
}

/** Canon's own processor over one region's log. `matterOf` tells what the record at hand is about. */
export function homeProcessor(
  contestUs: number,
  matterOf: (record: LogRecord) => Matter | null,
): ProcessorConfig<Matter, CanonOutputs> {
  const judgeEvent = judge(contestUs);
  const { name, input, outputs, stores } = canonProcessor;
  return {
    name,
    input,
    outputs,
    // What one region took may turn out to be another's to judge: entries are removed here.
    stores: stores.map((store) => ({ ...store, isPacked: false })),
    decode: (record) => {
      const matter = matterOf(record);
      return matter ? ok(matter) : drop('PROPOSED');
    },
    handle: (matter, context) => {
      if (matter.entry.event.type !== 'region.home-yielded') {
        goOn(context);
        settleQuiet(contestUs, context);
      }
      return matter.kind === 'event' ? judgeEvent(matter, context) : takeAct(matter, context);
    },
  };
}
