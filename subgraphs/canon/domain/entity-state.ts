import { type Upcastable, upcastClaim } from '../../../schema/events/catalogue.ts';
import type { CanonEvent } from '../../../schema/events/envelope.ts';

/** Public fields of an entity, as its events have left them. */
export type EntityState = Readonly<Record<string, unknown>>;

type Fold = (state: EntityState, payload: EntityState) => EntityState;

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Events whose payload says what changed; that of all others says what is from then on. */
const folds: Readonly<Record<string, Fold>> = {
  'creator.profile-updated': (state, { changed: _changed, ...rest }) => ({ ...state, ...rest }),
  'creator.skills-changed': (state, { added, removed }) => {
    const gone = new Set(texts(removed));
    const kept = texts(state['skills']).filter((skill) => !gone.has(skill));
    return { ...state, skills: [...new Set([...kept, ...texts(added)])] };
  },
  'creator.state-changed': (state, { to }) => ({ ...state, state: to }),
  'creator.erased': (_state, { erasedAt }) => ({ erasedAt }),
  'space.member-left': (state, payload) => ({ ...state, ...payload, role: null }),
  'relationship.unfollowed': (state, payload) => ({ ...state, ...payload, ended: true }),
  'relationship.mentorship-ended': (state, payload) => ({ ...state, ...payload, ended: true }),
  'relationship.endorsement-revoked': (state, payload) => ({ ...state, ...payload, ended: true }),
  'relationship.unblocked': (state, payload) => ({ ...state, ...payload, ended: true }),
  'artifact.judgement-withdrawn': (state, payload) => ({ ...state, ...payload, ended: true }),
};

/** What a claim says has happened; its type is never that of a claim, so that this ends. */
function claimIn({ claim }: EntityState): Pick<CanonEvent, 'type' | 'payload'> | null {
  const said = claim as Partial<Upcastable> | undefined;
  if (typeof said?.type !== 'string' || said.type === 'canon.claimed' || typeof said.payload !== 'object') return null;
  // What was kept in an older shape is read in the newest one, once this build knows the way.
  return { type: said.type, payload: upcastClaim(said as Upcastable) ?? said.payload };
}

/** One event further. A claim counts as what it claims: claims have a chain of their own, so that they change no entity. What had ended goes on when it begins anew. */
export function evolve(state: EntityState, event: Pick<CanonEvent, 'type' | 'payload'>): EntityState {
  const claim = event.type === 'canon.claimed' ? claimIn(event.payload) : null;
  if (claim) return evolve(state, claim);
  const fold = Object.hasOwn(folds, event.type) ? folds[event.type] : undefined;
  if (fold) return fold(state, event.payload);
  const { ended: _ended, ...rest } = state;
  return { ...rest, ...event.payload };
}

export interface FieldChange {
  readonly field: string;
  /** Undefined where there was no such field. */
  readonly before: unknown;
  readonly after: unknown;
}

/** The fields that differ between two states, by name. */
export function compareStates(before: EntityState, after: EntityState): readonly FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields
    .map((field) => ({ field, before: before[field], after: after[field] }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

/** A field in which two lines of an entity's history differ. */
export interface BranchChange {
  readonly field: string;
  readonly base: unknown;
  readonly other: unknown;
  readonly branch: unknown;
  /** Whether both lines have changed it since they parted. */
  readonly isConflict: boolean;
}

/** The fields in which two lines differ that parted at `base`, by name. */
export function compareBranches(
  base: EntityState,
  { other, branch }: { readonly other: EntityState; readonly branch: EntityState },
): readonly BranchChange[] {
  const changed = (line: EntityState): Set<string> => new Set(compareStates(base, line).map(({ field }) => field));
  const [byOther, byBranch] = [changed(other), changed(branch)];
  return compareStates(other, branch).map(({ field, before, after }) => ({
    field,
    base: base[field],
    other: before,
    branch: after,
    isConflict: byOther.has(field) && byBranch.has(field),
  }));
}
