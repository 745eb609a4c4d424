import { createHmac } from 'node:crypto';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import type { GraphTransaction } from '../../../engines/graph-store/port.ts';
import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { type CanonEvent, sha256Hex } from '../../../schema/events/envelope.ts';
import { hlcToIso } from '../../../schema/hlc.ts';
import { type CommandContext, record } from '../../shared/command.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { claimDriftUsMax, plainRole } from '../../../schema/events/types/claim.ts';
import { type Refusal, type Submission, decideSubmission, readClaim } from '../domain/submission.ts';
import { readEvents } from '../queries.ts';

/** Events of claims are named after submitter and claim, so that no claim can take another event's id. */
const claimNamespace = '8f6b5e0a-3c55-4a0f-9a5e-5b6c2f8d4517';
const recorder = { id: 'system:canon', source: 'SYSTEM' } as const;

export interface SubmissionAnswer {
  /** The event of the claim; null when it was refused. */
  readonly eventId: string | null;
  readonly refusal: Refusal | null;
  /** What was recorded by this call. */
  readonly eventIds: readonly string[];
}

export function submitterNodeId(submitter: string): string {
  return `submitter|${submitter}`;
}

/** Records a claim of another platform or an agent, or that it was refused. Repeated, it gives the first answer, for ever. */
export async function submitClaim(
  context: SubgraphContext,
  input: Submission & { readonly submitter: string },
): Promise<SubmissionAnswer> {
  const read = readClaim(input.claim);
  const claim = 'claim' in read ? read.claim : null;
  const causes = await causesOf(context, claim?.causedBy ?? []);
  return context.store.transact((tx) => submit(context, tx, { input, claimId: claim?.id ?? '', causes }));
}

interface Causes {
  /** Those that canon does not hold. */
  readonly unknown: readonly string[];
  readonly latestUs: number | null;
}

async function causesOf({ warehouse, store }: SubgraphContext, causes: readonly string[]): Promise<Causes> {
  if (causes.length === 0) return { unknown: [], latestUs: null };
  const rows = await readEvents(warehouse, causes);
  const held = new Set(rows.map(({ event_id }) => event_id));
  const missing = causes.filter((cause) => !held.has(cause));
  // A claim of a moment ago may not be in the warehouse yet.
  const claims =
    missing.length === 0
      ? []
      : await store.get(
          'CanonClaimed',
          missing.map((cause) => `claimed|${cause}`),
        );
  const times = [...rows.map(happenedUs), ...claims.map((claim) => claim?.props.wallUs ?? 0)];
  return { unknown: missing.filter((_cause, at) => claims[at] === null), latestUs: Math.max(...times) };
}

/** When an event happened, in microseconds; what a claim tells of happened when the claim says so. */
function happenedUs({ body }: { readonly body: string }): number {
  const { type, hlc, payload } = JSON.parse(body) as CanonEvent;
  return type === 'canon.claimed' ? (payload as PayloadOf<'canon.claimed'>).claim.hlc.wallUs : hlc.wallUs;
}

async function submit(
  context: SubgraphContext,
  tx: GraphTransaction,
  { input, claimId, causes }: { input: Submission & { submitter: string }; claimId: string; causes: Causes },
): Promise<SubmissionAnswer> {
  const { clock, masterKey, region } = context;
  const { claim: text, signature } = input;
  // Nobody's name holds half of a surrogate pair, and no id can be made of one.
  const submitter = input.submitter.toWellFormed();
  const eventId = uuidv5(`${submitter}|${claimId}`, claimNamespace);
  const [[known], [earlier]] = [
    await tx.get('CanonSubmitter', [submitterNodeId(submitter)]),
    await tx.get('CanonClaimed', [`claimed|${eventId}`]),
  ];
  const now = clock.now();
  const digest = sha256Hex(text);
  const decision = decideSubmission(input, {
    publicKey: known?.props.publicKey ?? null,
    earlier: earlier
      ? { isSame: earlier.props.digest === digest, eventId, publicKey: earlier.props.publicKey ?? null }
      : null,
    eventId,
    unknownCauses: causes.unknown,
    nowUs: now.wallUs,
    maxDriftUs: claimDriftUsMax,
  });
  if (decision.kind === 'repeated') return { eventId, refusal: null, eventIds: [eventId] };
  const as = (actor: CommandContext['actor'], id: string): CommandContext => ({
    tx,
    actor,
    masterKey,
    region,
    hlc: (stored) => clock.nowAfter(stored),
    nowIso: hlcToIso(now),
    newId: () => id,
  });
  if (decision.kind === 'refused' || !known) {
    const { code, message } = decision as Refusal;
    const id = uuidv7();
    const keyed = createHmac('sha256', masterKey).update(text).digest('hex');
    const payload = { submitter: known?.props.submitter ?? null, code, bytes: Buffer.byteLength(text), digest: keyed };
    await record(as(recorder, id), { type: 'canon.submission-refused', entityId: id, payload });
    return { eventId: null, refusal: { code, message }, eventIds: [id] };
  }
  const { claim, isKnown } = decision;
  const { source, publicKey } = known.props;
  const props = { submitter, digest, wallUs: claim.hlc.wallUs, publicKey };
  await tx.put({ type: 'CanonClaimed', id: `claimed|${eventId}`, expectedVersion: 0, props });
  await record(as({ id: submitter, source }, eventId), {
    type: 'canon.claimed',
    entityId: claim.entity.id,
    payload: {
      ...{ claim, isKnown, publicKey, causedAtUs: causes.latestUs },
      // Base64 is read leniently: what is recorded has the one form that everybody's decoder takes.
      signature: Buffer.from(signature, 'base64').toString('base64'),
      role: known.props.role ?? plainRole(source),
    },
    causedBy: claim.causedBy,
  });
  return { eventId, refusal: null, eventIds: [eventId] };
}
