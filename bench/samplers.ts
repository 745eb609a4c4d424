/** How fast noise is drawn on one core: `npm run bench -- samplers`. */
import { rational } from '../schema/metrics/rational.ts';
import { keyedBits, systemBits } from '../streams/privacy/crypto/bit-sources.ts';
import { secretKey } from '../streams/privacy/crypto/keyed-hash.ts';
import { discreteGaussian, discreteGaussianBig } from '../streams/privacy/domain/samplers/discrete-gaussian.ts';
import { discreteLaplace, discreteLaplaceBig } from '../streams/privacy/domain/samplers/discrete-laplace.ts';

const sigma2 = rational(200n);
const scale = rational(10n);
const commitment = 'c'.repeat(64);
const roundMs = 1_000;
const batch = 1_000;

/** Milliseconds of processor time of this thread: what other processes take from the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Calls per second of processor time, of the best of three rounds. */
function perSecond(draw: (index: number) => unknown): number {
  let best = 0;
  for (let round = 0; round < 3; round += 1) {
    const start = cpuMs();
    let done = 0;
    let elapsedMs = 0;
    while (elapsedMs < roundMs) {
      for (const end = done + batch; done < end; done += 1) draw(done);
      elapsedMs = cpuMs() - start;
    }
    best = Math.max(best, (done / elapsedMs) * 1_000);
  }
  return best;
}

/** Prints samples per second of one core for each sampler and source. */
export async function run(): Promise<void> {
  const key = secretKey(new Uint8Array(32).fill(1));
  const system = systemBits();
  const keyed = keyedBits(key, { releaseId: 'bench', commitment });
  const gaussian = discreteGaussian(sigma2);
  const laplace = discreteLaplace(scale);
  const gaussianBig = discreteGaussianBig(sigma2);
  const laplaceBig = discreteLaplaceBig(scale);
  const cases: readonly (readonly [string, string, (index: number) => unknown])[] = [
    ['discrete Gaussian, sigma² 200, system generator', 'bar 1.5 M/s', () => gaussian(system)],
    ['discrete Laplace, scale 10, system generator', 'bar 3 M/s', () => laplace(system)],
    ['discrete Gaussian from one keyed stream', 'bar 0.7 M/s', () => gaussian(keyed)],
    ['discrete Gaussian, BigInt path', '', () => gaussianBig(system)],
    ['discrete Laplace, BigInt path', '', () => laplaceBig(system)],
    [
      'discrete Gaussian, a keyed stream for each draw',
      '',
      (index) => gaussian(keyedBits(key, { releaseId: `bench/${index}`, commitment })),
    ],
  ];
  for (const [name, bar, draw] of cases) {
    console.log(`${name.padEnd(52)} ${(perSecond(draw) / 1e6).toFixed(3).padStart(7)} M/s  ${bar}`);
  }
}
