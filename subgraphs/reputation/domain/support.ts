/** What the warehouse adds up of a score's positive evidence. Points are decayed to the score's time. */
export interface Support {
  /** Strongest first: points, source, whether it is a platform, pieces. */
  readonly strongest: readonly (readonly [points: number, sourceId: string, isPlatform: boolean, pieces: number])[];
  /** Points of the two strongest creators. */
  readonly strongestNamed: readonly number[];
  readonly total: number;
  readonly namedTotal: number;
  readonly namedSquares: number;
  readonly creatorCount: number;
  readonly halfThrough: number;
}

export interface SupportGraph {
  readonly supporters: readonly {
    readonly creator: { readonly id: string } | null;
    readonly platform: string | null;
    readonly share: number;
    readonly evidenceCount: number;
  }[];
  readonly creatorCount: number;
  readonly namedShare: number;
  readonly halfThrough: number;
  readonly concentration: number;
  readonly inWords: string;
}

const nothing: SupportGraph = {
  supporters: [],
  creatorCount: 0,
  namedShare: 0,
  halfThrough: 0,
  concentration: 0,
  inWords: 'Nobody supports it yet.',
};

/** The support of a score as everybody who may see the score may see it. */
export function presentSupport(support: Support | null, first: number): SupportGraph {
  if (support === null || support.total <= 0) return nothing;
  const { strongest, total, namedTotal, namedSquares, creatorCount, halfThrough } = support;
  return {
    supporters: strongest.slice(0, first).map(([points, sourceId, isPlatform, pieces]) => ({
      creator: isPlatform ? null : { id: sourceId },
      platform: isPlatform ? sourceId.replace(/^platform:/, '') : null,
      share: points / total,
      evidenceCount: pieces,
    })),
    creatorCount,
    namedShare: namedTotal / total,
    halfThrough,
    concentration: namedTotal > 0 ? namedSquares / namedTotal ** 2 : 0,
    inWords: inWords(support),
  };
}

function inWords({ strongestNamed: [first = 0, second = 0], namedTotal, creatorCount }: Support): string {
  if (creatorCount === 0) return 'Nobody is named behind it: all of it is attested by platforms.';
  if (creatorCount === 1) return 'All of the named support arrives through one person.';
  const percent = (part: number): string => `${Math.round((100 * part) / namedTotal)} %`;
  return first / namedTotal >= 0.5
    ? `${percent(first)} of the named support arrives through one person.`
    : `${percent(first + second)} of the named support arrives through two people.`;
}
