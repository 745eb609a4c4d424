import type { Dimension } from '../graph/catalogue.ts';

const dayMs = 86_400_000;

/**
 * What an account may do by how far it is trusted: data, not code. Levels stand on the *lower* ends of the scores' intervals, on how much evidence there is
 * and on the account's age, so that a few friends, or a few days, do not make one. The numbers are judgement.
 */
export interface Level {
  readonly name: 'NOVICE' | 'TRUSTED' | 'VERIFIED' | 'HONORED' | 'LEGENDARY';
  /** The lower end (0 to 100) that so many dimensions need. */
  readonly low: number;
  readonly dimensions: number;
  /** Pieces of evidence that count, over those dimensions. */
  readonly evidence: number;
  readonly ageDays: number;
  /** What this level adds to the ones below. */
  readonly capabilities: readonly Capability[];
}

/** What a capability lets somebody do; whether losing it touches income. */
export const capabilities = {
  'work.publish': { touchesIncome: false },
  'space.create': { touchesIncome: false },
  'work.judge': { touchesIncome: false },
  'creator.endorse': { touchesIncome: false },
  'work.monetise': { touchesIncome: true },
  'certificate.issue': { touchesIncome: false },
  'space.monetise': { touchesIncome: true },
} as const;
export type Capability = keyof typeof capabilities;

const policyPrefix = 'capability:';

/** The name that `@policy` has for a capability, like `capability:certificate.issue`. */
export function capabilityPolicy(capability: Capability): string {
  return `${policyPrefix}${capability}`;
}

/** The capability that a policy asks for; null where its name is no capability's. */
export function capabilityOfPolicy(policy: string): Capability | null {
  const name = policy.startsWith(policyPrefix) ? policy.slice(policyPrefix.length) : '';
  return Object.hasOwn(capabilities, name) ? (name as Capability) : null;
}

export const levels: readonly [Level, ...Level[]] = [
  {
    name: 'NOVICE',
    low: 0,
    dimensions: 0,
    evidence: 0,
    ageDays: 0,
    capabilities: ['work.publish', 'work.judge'],
  },
  {
    name: 'TRUSTED',
    low: 60,
    dimensions: 1,
    evidence: 5,
    ageDays: 7,
    capabilities: ['space.create', 'creator.endorse'],
  },
  { name: 'VERIFIED', low: 68, dimensions: 2, evidence: 25, ageDays: 30, capabilities: ['work.monetise'] },
  { name: 'HONORED', low: 75, dimensions: 2, evidence: 100, ageDays: 60, capabilities: ['certificate.issue'] },
  { name: 'LEGENDARY', low: 85, dimensions: 3, evidence: 400, ageDays: 120, capabilities: ['space.monetise'] },
];

/** Whether canon trusts a creator of this level as a verified one. */
export function isVerifiedLevel(level: number): boolean {
  return level >= levels.findIndex(({ name }) => name === 'VERIFIED');
}

export const levelsVersion = '1.0.0';

export const hysteresis = {
  /** Above for so long before a level is gained, and at most one step in so long. */
  upMs: 7 * dayMs,
  /** Below this share of the level's bounds for so long before it is lost. */
  downShare: 0.9,
  downMs: 14 * dayMs,
} as const;

/** What levels are decided from: the newest score of each dimension, and the account's age. */
export interface LevelFacts {
  readonly scores: Readonly<Partial<Record<Dimension, { readonly low: number; readonly evidence: number }>>>;
  readonly registeredMs: number;
}

/** Everything that a level may do, its own and what the ones below bring. */
export function capabilitiesOf(level: number): readonly Capability[] {
  return levels.slice(0, level + 1).flatMap((one) => one.capabilities);
}
