/** Logistic regression: the model that is trained both ways. */

export interface Example {
  /** The first is 1, for the constant. */
  readonly features: readonly number[];
  readonly isPositive: boolean;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, n) => sum + value * (b[n] ?? 0), 0);

/** Predicted probability. */
export const predict = (weights: readonly number[], features: readonly number[]): number =>
  1 / (1 + Math.exp(-dot(weights, features)));

/** Gradient of the log-likelihood, summed over examples: the direction in which the weights should go. */
export function gradient(weights: readonly number[], examples: readonly Example[]): readonly number[] {
  const sum = weights.map(() => 0);
  for (const { features, isPositive } of examples) {
    const miss = Number(isPositive) - predict(weights, features);
    features.forEach((value, n) => (sum[n] = (sum[n] ?? 0) + miss * value));
  }
  return sum;
}

/**
 * Ascends by `step` along an average gradient with momentum, and shrinks by weight decay `decay`: what is done centrally and in rounds alike.
 */
export function ascend(
  model: { readonly weights: readonly number[]; readonly velocity: readonly number[] },
  mean: readonly number[],
  { step, momentum, decay }: { readonly step: number; readonly momentum: number; readonly decay: number },
): { readonly weights: readonly number[]; readonly velocity: readonly number[] } {
  const velocity = model.velocity.map(
    (value, n) => momentum * value + (mean[n] ?? 0) - decay * (model.weights[n] ?? 0),
  );
  return { velocity, weights: model.weights.map((value, n) => value + step * (velocity[n] ?? 0)) };
}
