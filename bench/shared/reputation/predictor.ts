import type { Rating } from './ratings.ts';

/** A formula that learns ratings one after the other and says how good it expects the next one of somebody to be. */
export interface Predictor {
  readonly name: string;
  expect(rated: string, atMs: number): number;
  learn(rating: Rating): void;
  /** What readers are shown of somebody, where that is another figure: one that was made some time ago. */
  shown?(rated: string): number;
  /** Takes in all that was learned, where that is otherwise done now and then only. */
  refresh?(): void;
}

/** Anew for each run, with the seeds of the network. */
export type PredictorMaker = (seeds: readonly string[]) => Predictor;

/** A formula over a whole network is computed anew when it has grown by this share; by a larger one beyond {@link oftenUntil} ratings, so that millions end within minutes. */
export const recomputeShare = 0.02;
export const oftenUntil = 100_000;

const shareAt = (ratings: number): number => recomputeShare * Math.max(1, ratings / oftenUntil);

/** A formula over a whole network: computed anew whenever it has grown enough. Whom it does not know is expected to be `unknown`. */
export function batchPredictor(
  name: string,
  compute: (ratings: readonly Rating[]) => ReadonlyMap<string, number>,
  unknown: number,
): Predictor {
  const ratings: Rating[] = [];
  let computedAt = 0;
  let values: ReadonlyMap<string, number> = new Map();
  const refresh = (): void => {
    values = compute(ratings);
    computedAt = ratings.length;
  };
  return {
    name,
    learn: (rating) => void ratings.push(rating),
    refresh,
    expect(rated) {
      if (ratings.length > computedAt * (1 + shareAt(computedAt))) refresh();
      return values.get(rated) ?? unknown;
    },
  };
}
