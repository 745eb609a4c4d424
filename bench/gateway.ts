/**
 * `npm run bench -- gateway [ours|apollo|hive …] [--seconds N] [--query NAME] [--distinct] [--prof]`: our gateway beside its peers over
 * the same four subgraphs. The gateways take turns, so that whatever else the machine does meets all of them. All connections send the same
 * query; with `--distinct` each has variables of its own, so that no two can share what subgraphs are asked. `--prof` writes a CPU profile
 * of ours.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { cpuMsOf, startContender, startModule } from './gateway/contender.ts';
import type { Contender } from './gateway/contender.ts';
import { ask, load, percentile } from './gateway/load.ts';
import { queries, subgraphs } from './gateway/shop.ts';
import type { MeasuredQuery } from './gateway/shop.ts';

const here = import.meta.dirname;
const peers = join(here, 'peers');
const files = {
  ours: join(here, 'gateway', 'ours.ts'),
  apollo: join(peers, 'apollo.mjs'),
  hive: join(peers, 'hive.mjs'),
} as const;
type Name = keyof typeof files;
const titles: Readonly<Record<Name, string>> = {
  ours: 'this gateway',
  apollo: 'Apollo Gateway + Apollo Server',
  hive: 'Hive Gateway + router runtime',
};
/** Ours divided by theirs, in requests per second: what it must be. */
const bars: Readonly<Record<string, Readonly<Partial<Record<Name, number>>>>> = {
  '3 subgraphs': { apollo: 4.5, hive: 2 },
  large: { apollo: 4, hive: 1.4 },
  'one field': { apollo: 3, hive: 2 },
};
const rounds = 3;

interface Figures {
  requests: number;
  durationMs: number;
  /** Of the gateway, the four subgraphs, and the process that sends the requests. */
  cpuMs: number;
  subgraphsCpuMs: number;
  loadCpuMs: number;
  readonly latenciesMs: number[];
}

/** `npm run bench -- gateway` */
export async function run(args: readonly string[]): Promise<void> {
  const asked = args.filter((arg): arg is Name => arg in files);
  const names = asked.length > 0 ? asked : (Object.keys(files) as Name[]);
  const secondsAt = args.indexOf('--seconds');
  const roundMs = secondsAt < 0 ? 3_000 : Number(args[secondsAt + 1]) * 1_000;
  const queryAt = args.indexOf('--query');
  const measured = queries.filter(({ name }) => queryAt < 0 || name === args[queryAt + 1]);
  if (measured.length === 0) throw new Error(`--query is one of: ${queries.map(({ name }) => name).join(', ')}`);
  if (names.some((name) => name !== 'ours')) installPeers();
  const directory = mkdtempSync(join(tmpdir(), 'vcos-bench-gateway-'));
  const { child, told } = await startModule<{ urls: Record<string, string> }>(
    join(here, 'gateway', 'subgraphs.ts'),
    [],
  );
  const supergraph = join(directory, 'supergraph.graphql');
  writeFileSync(supergraph, composed(told.urls));
  const profiled = args.includes('--prof') ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}`] : [];
  const contenders = new Map<Name, Contender>();
  try {
    for (const name of names)
      contenders.set(name, await startContender(files[name], supergraph, name === 'ours' ? profiled : []));
    for (const query of measured)
      await measure(query, contenders, {
        roundMs,
        isDistinct: args.includes('--distinct'),
        subgraphsCpuMs: () => cpuMsOf(child),
      });
    console.log(
      `${availableParallelism()} cores, load of the last minute ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
    );
  } finally {
    for (const contender of contenders.values()) await contender.stop();
    child.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The peers are no dependencies of the project: they are installed when somebody wants to measure. */
function installPeers(): void {
  if (existsSync(join(peers, 'node_modules'))) return;
  console.log('installing the peers into bench/peers …');
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: peers, stdio: 'inherit' });
}

function composed(urls: Readonly<Record<string, string>>): string {
  const result = composeServices(
    subgraphs.map(({ name, sdl }) => ({ name, url: urls[name] ?? '', typeDefs: parse(sdl) })),
  );
  if (result.supergraphSdl === undefined) throw new Error(result.errors.map((error) => error.message).join('\n'));
  return result.supergraphSdl;
}

interface Measuring {
  readonly roundMs: number;
  readonly isDistinct: boolean;
  readonly subgraphsCpuMs: () => Promise<number>;
}

async function measure(
  query: MeasuredQuery,
  contenders: ReadonlyMap<Name, Contender>,
  { roundMs, isDistinct, subgraphsCpuMs }: Measuring,
): Promise<void> {
  const answers = await Promise.all([...contenders.values()].map(({ url }) => ask(url, query)));
  if (answers.some((answer) => !isDeepStrictEqual(answer, answers[0])))
    throw new Error(
      `the answers to ${query.name} differ: ${answers.map((answer) => JSON.stringify(answer).slice(0, 300)).join('\n')}`,
    );
  const figures = new Map<Name, Figures>();
  for (const { url } of contenders.values()) await load(url, query, { forMs: roundMs / 2, isDistinct });
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contender] of contenders) {
      const sum = figures.get(name) ?? {
        requests: 0,
        durationMs: 0,
        cpuMs: 0,
        subgraphsCpuMs: 0,
        loadCpuMs: 0,
        latenciesMs: [],
      };
      figures.set(name, sum);
      const [before, subgraphsBefore, own] = [await contender.cpuMs(), await subgraphsCpuMs(), process.cpuUsage()];
      const { requests, durationMs, latenciesMs } = await load(contender.url, query, { forMs: roundMs, isDistinct });
      const { user, system } = process.cpuUsage(own);
      sum.loadCpuMs += (user + system) / 1_000;
      sum.cpuMs += (await contender.cpuMs()) - before;
      sum.subgraphsCpuMs += (await subgraphsCpuMs()) - subgraphsBefore;
      sum.requests += requests;
      sum.durationMs += durationMs;
      for (const latency of latenciesMs) sum.latenciesMs.push(latency);
    }
  }
  console.log(
    `${query.name}, ${Buffer.byteLength(JSON.stringify(answers[0])).toLocaleString('en')} bytes: ${contenders.size} equal answers${isDistinct ? ', each connection with its own variables' : ''}`,
  );
  print(query.name, figures);
}

function print(query: string, figures: ReadonlyMap<Name, Figures>): void {
  const perSecond = ({ requests, durationMs }: Figures): number => (requests / durationMs) * 1_000;
  const perRequest = ({ requests }: Figures, cpuMs: number): string => (cpuMs / requests).toFixed(3);
  const ours = figures.get('ours');
  for (const [name, sum] of figures) {
    const latency = (share: number): string => percentile(sum.latenciesMs, share).toFixed(1);
    const rate = perSecond(sum);
    const bar = bars[query]?.[name];
    const ratio =
      ours && name !== 'ours'
        ? `  ours ÷ it: ${(perSecond(ours) / rate).toFixed(2)} by rate, ${(sum.cpuMs / sum.requests / (ours.cpuMs / ours.requests)).toFixed(2)} by CPU${bar === undefined ? '' : ` (bar ${bar})`}`
        : '';
    console.log(
      `  ${titles[name].padEnd(32)} ${rate.toFixed(0).padStart(6)}/s  p50 ${latency(0.5)} p95 ${latency(0.95)} p99 ${latency(0.99)} ms  ${perRequest(sum, sum.cpuMs)} CPU ms (beside it subgraphs ${perRequest(sum, sum.subgraphsCpuMs)}, load ${perRequest(sum, sum.loadCpuMs)})${ratio}`,
    );
  }
}
