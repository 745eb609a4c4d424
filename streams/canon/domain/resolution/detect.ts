import { type HlcTimestamp, compareHlc } from '../../../../schema/hlc.ts';
import type { CanonStatus } from '../../../../schema/warehouse/tables.ts';
import type { Claim, Contradiction } from './claim.ts';
import { type Standing, ranks } from './standing.ts';

/** What canon holds of an entity at one place of its history. */
export interface EntityFold {
  readonly version: number;
  /** The latest time that its history has told. */
  readonly hlc: HlcTimestamp | null;
  readonly isAlive: boolean;
  readonly owners: readonly string[] | null;
  /** How it began, where that is known and can be said once only. */
  readonly begun?: string | undefined;
  /** How far whoever said so is trusted; absent where people decided it, or nothing is known of them. */
  readonly begunBy?: Standing | undefined;
}

export const emptyFold: EntityFold = { version: 0, hlc: null, isAlive: true, owners: null };

/** What is known of an event that another names as its cause. */
export interface KnownCause {
  readonly status: CanonStatus;
  readonly hlc: HlcTimestamp | null;
}

/** A contradiction with the events on whose side canon stands. */
export interface Finding extends Contradiction {
  /** Whether more knowledge may still dissolve it: an unknown cause may arrive. */
  readonly waits: boolean;
  /** How far the source is trusted that says otherwise, where one does. */
  readonly against?: Standing | undefined;
}

/** Everything in which a claim disagrees with its entity's history, its causes and itself: one finding of a kind at most. */
export function detect(
  claim: Claim,
  fold: EntityFold,
  causeOf: (eventId: string) => KnownCause | undefined,
): readonly Finding[] {
  const findings = [temporal, state, causal, authority].flatMap((look) => look(claim, fold, causeOf) ?? []);
  for (const objection of claim.objections) {
    if (!findings.some(({ kind }) => kind === objection.kind)) findings.push({ ...objection, waits: false });
  }
  return findings;
}

type Detector = (
  claim: Claim,
  fold: EntityFold,
  causeOf: (eventId: string) => KnownCause | undefined,
) => Finding | null;

const found = (kind: Contradiction['kind'], reason: string, waits = false): Finding => ({ kind, reason, waits });

const temporal: Detector = ({ hlc, causedBy }, fold, causeOf) => {
  if (fold.hlc && compareHlc(hlc, fold.hlc) <= 0)
    return found('TEMPORAL', 'claims a time that is not after its predecessor');
  const isBefore = causedBy.some((id) => {
    const cause = causeOf(id);
    return cause?.hlc != null && compareHlc(hlc, cause.hlc) <= 0;
  });
  return isBefore ? found('TEMPORAL', 'claims a time that is not after its cause') : null;
};

const state: Detector = ({ version, leavesAlive, begins }, fold) => {
  if (version !== fold.version + 1)
    return found('STATE', `claims version ${version} of its entity where ${fold.version + 1} is next`);
  if (fold.isAlive && begins !== undefined && fold.begun !== undefined && begins !== fold.begun)
    return { ...found('STATE', 'says that its entity began otherwise than canon holds'), against: fold.begunBy };
  return fold.isAlive || leavesAlive === true ? null : found('STATE', 'acts on an entity that has ended');
};

const causal: Detector = ({ causedBy, id: own }, _fold, causeOf) => {
  for (const id of causedBy) {
    if (id === own) return found('CAUSAL', 'names itself as its cause');
    if (causeOf(id)?.status === 'NON_CANONICAL') return found('CAUSAL', `its cause ${id} is not canonical`);
  }
  const unknown = causedBy.find((id) => causeOf(id) === undefined);
  return unknown === undefined ? null : found('CAUSAL', `its cause ${unknown} is not known`, true);
};

const authority: Detector = ({ actor, standing, needsOwner }, { owners }) => {
  if (!needsOwner || owners === null || owners.includes(actor)) return null;
  return ranks[standing] >= ranks.OPERATOR ? null : found('AUTHORITY', 'its actor is none of the entity’s owners');
};

/** The entity's history with one claim more. A rejected one counts for its place in the chain only; of one that people accepted, `byPeople` says so. */
export function advance(fold: EntityFold, claim: Claim, counts: boolean, byPeople = false): EntityFold {
  const hlc = fold.hlc && compareHlc(fold.hlc, claim.hlc) > 0 ? fold.hlc : claim.hlc;
  if (!counts) return { ...fold, version: claim.version, hlc: fold.hlc };
  const begun = claim.begins ?? fold.begun;
  const begunBy = byPeople && claim.begins !== undefined ? undefined : begunByAfter(claim, fold);
  return {
    version: claim.version,
    hlc,
    isAlive: claim.leavesAlive ?? fold.isAlive,
    owners: ownersAfter(claim, fold),
    ...(begun !== undefined && { begun }),
    ...(begunBy !== undefined && { begunBy }),
  };
}

/** Of those who agree on how something began, the one trusted most. */
function begunByAfter({ begins, standing }: Claim, { begun, begunBy }: EntityFold): Standing | undefined {
  if (begins === undefined) return begunBy;
  if (begins !== begun) return standing;
  return begunBy !== undefined && ranks[begunBy] < ranks[standing] ? standing : begunBy;
}

/** Those who agree on how something began are its owners together. */
function ownersAfter({ owners, begins }: Claim, fold: EntityFold): readonly string[] | null {
  if (owners === null || begins === undefined || begins !== fold.begun) return owners ?? fold.owners;
  return [...new Set([...(fold.owners ?? []), ...owners])].sort();
}
