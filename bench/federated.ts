/**
 * `npm run bench -- federated [--runs N]`: learns from the demo community which contributions tend to be accepted, without any contributor's record leaving its place: clipped, fixed-point, pairwise-masked sums with
 * drop-outs, one discrete Gaussian per round and coordinate, accounted in a ledger. Beside the same model trained on everything in one place.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { epsilonOf } from '../schema/metrics/epsilon.ts';
import { add, formatRational, parseRational, toNumber, zero } from '../schema/metrics/rational.ts';
import { addEncrypted, decryptVector, encryptVector, makeSumKeys } from '../streams/privacy/crypto/encrypted-sum.ts';
import { secretKey } from '../streams/privacy/crypto/keyed-hash.ts';
import { fromFixedPoint, toFixedPoint } from '../streams/privacy/domain/federated/fixed-point.ts';
import { ascend, gradient, predict } from '../streams/privacy/domain/federated/logistic.ts';
import { type DropOut, aggregate } from '../streams/privacy/federated/aggregate.ts';
import {
  type LearningTask,
  emptyTaskLedger,
  noiseOf,
  releaseRound,
} from '../streams/privacy/federated/learning-round.ts';
import { type Contribution, featureNames, readContributions } from './shared/acceptance.ts';
import { areaUnderCurve } from './shared/area-under-curve.ts';

const rounds = 20;
const task: LearningTask = {
  id: 'which-contributions-are-accepted',
  fixedPoint: { clip: 0.5, scale: 65_536 },
  rhoPerRound: parseRational('1/200'),
  rhoMax: parseRational('1/10'),
};
const ascent = { step: 1, momentum: 0.8, decay: 0.01 };
const centralAscent = { step: 0.5, momentum: 0.9, decay: 0.001 };
const centralSteps = 2_000;
const trainingShare = 0.7;
const dropOutShare = 0.05;
const neighbours = 24;
const threshold = 14;
const delta = 1e-9;
const startWeights: readonly number[] = featureNames.map(() => 0);

type Clients = readonly (readonly Contribution[])[];
type Model = Parameters<typeof ascend>[0];

const auc = (weights: readonly number[], examples: readonly Contribution[]): number =>
  areaUnderCurve(examples.map(({ features, isPositive }) => ({ score: predict(weights, features), isPositive })));

function trainCentrally(examples: readonly Contribution[]): readonly number[] {
  let model: Model = { weights: startWeights, velocity: startWeights };
  for (let step = 0; step < centralSteps; step += 1)
    model = ascend(
      model,
      gradient(model.weights, examples).map((value) => value / examples.length),
      centralAscent,
    );
  return model.weights;
}

const plainSum = (vectors: readonly (readonly number[])[]): readonly number[] =>
  startWeights.map((_, n) => vectors.reduce((sum, vector) => sum + (vector[n] ?? 0), 0));

/** Who drops out of a round, and when: another twentieth of the clients each time. */
function dropOutsOf(round: number, clients: number): ReadonlyMap<number, DropOut> {
  const kinds: readonly DropOut[] = ['BEFORE_SHARES', 'BEFORE_MASKED', 'BEFORE_REVEAL'];
  const every = Math.round(1 / dropOutShare);
  const gone = Array.from({ length: clients }, (_, n) => n).filter((n) => (n + round) % every === 0);
  return new Map(gone.map((n, at) => [n, kinds[at % kinds.length] as DropOut]));
}

interface Training {
  readonly weights: readonly number[];
  readonly rho: string;
  readonly ledgerRows: number;
  readonly bytesPerClientRound: number;
  readonly msPerRound: number;
}

/** One training; the noise and the masks are new each time. With `isMasked` every round is a whole run of the protocol, and its sum is compared with the plain one. */
function trainFederated(clients: Clients, isMasked: boolean): Training {
  const key = secretKey(randomBytes(32));
  let model: Model = { weights: startWeights, velocity: startWeights };
  let ledger = emptyTaskLedger;
  let bytes = 0;
  let maskingMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    const vectors = clients.map((examples) => toFixedPoint(gradient(model.weights, examples), task.fixedPoint));
    const plan = { round: `${task.id}|${round}`, length: startWeights.length, neighbours, threshold };
    const startedMs = performance.now();
    const run = isMasked ? aggregate(plan, vectors, dropOutsOf(round, vectors.length)) : null;
    maskingMs += performance.now() - startedMs;
    bytes += run?.bytesSent ?? 0;
    const sum = run?.sum ?? plainSum(vectors);
    if (run && plainSum(run.counted.map((n) => vectors[n] ?? [])).join() !== sum.join())
      throw new Error(`round ${round}: the masks did not cancel`);
    const released = releaseRound(task, ledger, { at: '2018-09-02T00:00:00.000Z', number: round, sum, key });
    ledger = released.ledger;
    const mean = fromFixedPoint(released.values, task.fixedPoint).map((value) => value / clients.length);
    model = ascend(model, mean, ascent);
  }
  return {
    weights: model.weights,
    rho: formatRational(ledger.rows.map((row) => parseRational(row.rho)).reduce(add, zero)),
    ledgerRows: ledger.rows.length,
    bytesPerClientRound: bytes / clients.length / rounds,
    msPerRound: maskingMs / rounds,
  };
}

/** Two organisations that add their sums without showing them: each adds its own noise, a third party decrypts the total. */
async function addBetweenTwo(clients: Clients): Promise<void> {
  const vectors = clients.map((examples) => toFixedPoint(gradient(startWeights, examples), task.fixedPoint));
  const halves = [vectors.filter((_, n) => n % 2 === 0), vectors.filter((_, n) => n % 2 === 1)];
  const noised = halves.map((half) => {
    const round = { at: '2018-09-02T00:00:00.000Z', number: 0, sum: plainSum(half), key: secretKey(randomBytes(32)) };
    return releaseRound(task, emptyTaskLedger, round).values;
  });
  const keys = await makeSumKeys();
  const startedMs = performance.now();
  const encrypted = noised.map((values) => encryptVector(keys.publicKey, values));
  const total = decryptVector(keys, addEncrypted(keys.publicKey, encrypted));
  const ms = performance.now() - startedMs;
  if (plainSum(noised).join() !== total.join()) throw new Error('the encrypted sum is not the sum');
  console.log(
    `two parties (Paillier, 2,048 bits): equal sums, ${ms.toFixed(0)} ms and ${JSON.stringify(encrypted[0]).length.toLocaleString('en')} bytes for ${total.length} numbers of each`,
  );
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string', default: '21' } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs must be a whole number from 1 on`);
  const all = readContributions();
  const cut = Math.floor(all.length * trainingShare);
  const [training, later] = [all.slice(0, cut), all.slice(cut)];
  const clients = [...Map.groupBy(training, ({ contributor }) => contributor).values()];
  console.log(
    `${all.length} answers of the demo community; trained on the first ${cut}, of ${clients.length} contributors, judged on the ${later.length} after them`,
  );
  const central = trainCentrally(training);
  console.log(`central, no privacy: AUC ${auc(central, later).toFixed(4)}`);
  const masked = trainFederated(clients, true);
  const trainings = [masked, ...Array.from({ length: runs - 1 }, () => trainFederated(clients, false))];
  const aucs = trainings.map(({ weights }) => auc(weights, later)).sort((a, b) => a - b);
  const at = (share: number): string => (aucs[Math.floor(share * (aucs.length - 1))] ?? NaN).toFixed(4);
  const epsilon = epsilonOf(parseRational(masked.rho), delta);
  console.log(
    `federated, rho ${masked.rho} (epsilon ${epsilon.toFixed(2)} at ${delta}) for all that a contributor ever did: AUC median ${at(0.5)}, 10 % to 90 % ${at(0.1)} to ${at(0.9)} over ${runs} runs of the noise`,
  );
  console.log(
    `${rounds} rounds, ${masked.ledgerRows} ledger rows; noise of a coordinate ${(Math.sqrt(toNumber(noiseOf(task))) / task.fixedPoint.scale / clients.length).toFixed(4)} of the mean gradient’s unit`,
  );
  console.log(
    `masked sums equal to plain ones in all rounds with ${dropOutShare * 100} % dropping out; ${masked.bytesPerClientRound.toFixed(0)} bytes a client and round, ${masked.msPerRound.toFixed(0)} ms a round for all`,
  );
  for (const [n, name] of featureNames.entries()) {
    const median = trainings.map(({ weights }) => weights[n] ?? 0).sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
    console.log(
      `  ${name.padEnd(44)} central ${(central[n] ?? 0).toFixed(2).padStart(6)}  federated ${median.toFixed(2).padStart(6)}`,
    );
  }
  await addBetweenTwo(clients);
}
