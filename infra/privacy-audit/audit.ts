/** All that the audit asks of the code, cheapest first, by how much of it. */
import { declarationFaults } from './claims.ts';
import { type Played, greedyFaults, playGames } from './games.ts';
import { ruleFaults } from './rules.ts';
import { declaredNoiseFaults, laplaceFaults, samplerFaults, selectionFaults, totalFaults } from './samplers.ts';
import { singletonFaults } from './singletons.ts';

export interface Part {
  readonly name: string;
  readonly seconds: number;
  readonly faults: readonly string[];
  readonly played?: readonly Played[];
  readonly days?: number;
}

/** `QUICK` is enough to find every mutant, and fits into the tests; `WHOLE` draws a million times and plays for longer. */
export type Extent = 'QUICK' | 'WHOLE';

const sizes = {
  QUICK: {
    draws: 20_000,
    laplace: 40_000,
    selection: 4_000,
    sequences: 40,
    singletons: 2_000,
    greedy: { runs: 1, group: 10 },
    games: { runs: 4, group: 12 },
  },
  WHOLE: {
    draws: 1_000_000,
    laplace: 1_000_000,
    selection: 100_000,
    sequences: 1_000,
    singletons: 100_000,
    greedy: { runs: 2, group: 80 },
    games: { runs: 14, group: 80 },
  },
} as const;

/** Each part in turn; with `onlyFirst` until one finds a fault. The seed makes a run repeatable: with the same one it always ends the same. */
export function* auditParts(extent: Extent, seed: string): Generator<Part> {
  const size = sizes[extent];
  const parts: Readonly<Record<string, () => Omit<Part, 'name' | 'seconds'>>> = {
    'declarations ask for the noise that they get': () => ({ faults: declarationFaults() }),
    'rules of every run': () => ({ faults: ruleFaults() }),
    'samplers fit their mass functions': () => ({ faults: [...samplerFaults(size.draws), ...declaredNoiseFaults()] }),
    'discrete Laplace, by itself': () => ({ faults: laplaceFaults(size.laplace) }),
    'key selection, by itself': () => ({ faults: selectionFaults(size.selection) }),
    'running totals, by themselves': () => ({ faults: totalFaults(size.sequences) }),
    'keys of one account never show': () => ({ faults: singletonFaults(size.singletons, seed) }),
    'greedy accounts': () => ({ faults: greedyFaults({ ...size.greedy, seed }) }),
    'distinguishing games through the whole processor': () => playGames({ ...size.games, seed }),
  };
  for (const [name, run] of Object.entries(parts)) {
    const startedMs = performance.now();
    const result = run();
    yield { name, seconds: (performance.now() - startedMs) / 1_000, ...result };
  }
}
