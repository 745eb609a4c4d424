import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKeys } from '../../composition/platform.ts';
import { convertStackExchange } from '../../importer/stackexchange.ts';
import { issueToken } from '../../runtime/issuer.ts';
import { loadOrCreateKey } from '../../runtime/key-file.ts';
import type { Findings, Told } from './check.ts';
import { type Acknowledged, sendWorkload } from './client.ts';
import { differences } from './differences.ts';
import type { DistributedPlan } from './distributed-plan.ts';
import { DistributedTarget } from './distributed-target.ts';
import { EmbeddedTarget, diskFor } from './embedded-target.ts';
import { type Plan, undisturbed } from './plan.ts';
import { ServersUnderChaos } from './servers-under-chaos.ts';
import { survey } from './survey.ts';
import type { Target } from './target.ts';
import { type Known, type Workload, canary, workloadOf } from './workload.ts';

/** What a run left behind. */
export interface Outcome {
  /** Empty where every invariant holds. */
  readonly faults: readonly string[];
  readonly imported: Findings['imported'];
  readonly answers: unknown;
  readonly starts: number;
  /** Faults of the plan that this machine cannot cause. */
  readonly leftOut: readonly string[];
  /** Where the data lies; null once it is removed. */
  readonly dataDir: string | null;
}

/** Lines of the demo community that are loaded beside: two weeks of it, with as many windows to release. */
const importLines = 150;
/** Months whose private releases are compared: their keys must be the same in all runs. */
const importedEpochs = ['2018-03', '2018-04'];
/** Saves each process the compilation of all modules. */
const cacheEnv = { NODE_COMPILE_CACHE: join(tmpdir(), `vcos-chaos-modules-${process.getuid?.() ?? 0}`) };
const tokenTtlS = 90 * 86_400;
/** Clocks are set back, and a token of the future is refused. */
const issuedAtMs = Date.now() - 86_400_000;
/** Every how many seeds the warehouse is made anew from the log, and compared. The undisturbed runs are among them. */
const rebuildEvery = 4;
const checkMsMax = 300_000;

function writeCommunity(directory: string): string {
  const { header, lines } = convertStackExchange(join(import.meta.dirname, '..', '..', 'demo'), 'test.example');
  const file = join(directory, 'community.jsonl');
  writeFileSync(file, [header, ...lines.slice(0, importLines)].map((line) => JSON.stringify(line)).join('\n'));
  return file;
}

/** A plan with what makes the platform that it strikes. */
interface Attempt<F extends { readonly at: number }> {
  readonly plan: { readonly seed: number; readonly workload: number; readonly faults: readonly F[] };
  readonly isRebuilt: boolean;
  readonly target: (place: { dataDir: string; importFile: string; env: typeof cacheEnv }) => Target<F>;
}

/** Runs seeds and compares each with an undisturbed run of its workload on the embedded engines, which is made once. */
export class ChaosRunner {
  readonly #root = mkdtempSync(join(tmpdir(), 'vcos-test-chaos-'));
  readonly #calm = new Map<number, Outcome>();
  #running: { destroy(): Promise<void> } | null = null;
  #servers: ServersUnderChaos | null = null;
  readonly #importFile = writeCommunity(this.#root);

  /** Runs a plan on the embedded platform. Faults are told, not thrown. */
  async run(plan: Plan): Promise<Outcome> {
    const calm = await this.#undisturbed(plan.workload);
    return this.#compared(calm, await this.#attempt(embedded(plan)), 'exact');
  }

  /** Runs a plan on the roles as processes of their own and on servers, which are started at the first one. */
  async runDistributed(plan: DistributedPlan): Promise<Outcome> {
    const calm = await this.#undisturbed(plan.workload);
    const servers = (this.#servers ??= await ServersUnderChaos.start(this.#root));
    const attempt: Attempt<DistributedPlan['faults'][number]> = {
      plan,
      isRebuilt: false,
      target: (place) => new DistributedTarget(plan, { ...place, servers }),
    };
    return this.#compared(calm, await this.#attempt(attempt), 'by arrival');
  }

  /** Ends what runs, for whoever is told to end in the middle. */
  async abandon(): Promise<void> {
    await this.#running?.destroy().catch(() => undefined);
    await this.close();
  }

  /** Ends the servers. What is kept of runs without a fault goes. */
  async close({ keep = false }: { keep?: boolean } = {}): Promise<void> {
    await this.#servers?.stop();
    if (!keep) rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  #compared(calm: Outcome, outcome: Outcome, order: 'exact' | 'by arrival'): Outcome {
    const compared = outcome.answers === null ? [] : differences(calm, outcome, order);
    const faults = [...outcome.faults, ...compared];
    return { ...outcome, faults, dataDir: faults.length > 0 ? outcome.dataDir : this.#remove(outcome) };
  }

  async #undisturbed(workload: number): Promise<Outcome> {
    const known = this.#calm.get(workload);
    if (known) return known;
    const outcome = await this.#attempt(embedded(undisturbed(workload)));
    if (outcome.faults.length > 0) throw new Error(`an undisturbed run has faults:\n${outcome.faults.join('\n')}`);
    this.#remove(outcome);
    this.#calm.set(workload, outcome);
    return outcome;
  }

  #remove({ dataDir }: Outcome): null {
    if (dataDir !== null) rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    return null;
  }

  async #attempt<F extends { readonly at: number }>(attempt: Attempt<F>): Promise<Outcome> {
    const dataDir = mkdtempSync(join(this.#root, `seed-${attempt.plan.seed}-`));
    // The same keys for all runs: noise depends on key, window and input only.
    mkdirSync(join(this.#root, 'keys'), { recursive: true, mode: 0o700 });
    const keys = await loadKeys(this.#root);
    for (const epoch of importedEpochs) loadOrCreateKey(this.#root, `privacy-epoch-${epoch}`);
    const target = attempt.target({ dataDir, importFile: this.#importFile, env: cacheEnv });
    cpSync(join(this.#root, 'keys'), join(dataDir, 'keys'), { recursive: true });
    const run = new SeedRun(attempt, { target, keys, dataDir });
    this.#running = target;
    try {
      return { ...(await run.finish()), dataDir };
    } catch (error) {
      const { said, starts } = target;
      const words = said === '' ? '' : `\nthe platform said:\n${said.slice(-20_000)}`;
      const faults = [`${String((error as Error).stack)}${words}`];
      return { faults, imported: {}, answers: null, starts, leftOut: [], dataDir };
    } finally {
      await target.destroy();
    }
  }
}

function embedded(plan: Plan): Attempt<Plan['faults'][number]> {
  const isRebuilt = plan.seed % rebuildEvery === 0;
  return {
    plan,
    isRebuilt,
    target: (place) => new EmbeddedTarget(plan, { ...place, disk: diskFor(plan, place.dataDir) }),
  };
}

interface Parts<F> {
  readonly target: Target<F>;
  readonly keys: Awaited<ReturnType<typeof loadKeys>>;
  readonly dataDir: string;
}

class SeedRun<F extends { readonly at: number }> {
  readonly #attempt: Attempt<F>;
  readonly #parts: Parts<F>;
  #waiting: readonly F[];

  constructor(attempt: Attempt<F>, parts: Parts<F>) {
    this.#attempt = attempt;
    this.#parts = parts;
    this.#waiting = attempt.plan.faults;
  }

  async finish(): Promise<Omit<Outcome, 'dataDir'>> {
    const { keys, target } = this.#parts;
    const workload = workloadOf(this.#attempt.plan.workload);
    const tokens = new Map<string, string>();
    for (const subject of workload.creators)
      tokens.set(subject, await issueToken({ key: keys.issuer, subject, ttlS: tokenTtlS, nowMs: issuedAtMs }));
    await target.start();
    await this.#progress(0);
    const { acknowledged, known } = await sendWorkload(workload, {
      url: () => target.url,
      tokens,
      onProgress: (share) => this.#progress(share),
    });
    await this.#progress(Number.POSITIVE_INFINITY);
    await target.calm();
    await target.drained();
    const answers = await survey(await target.serving(), workload, tokens.get(workload.creators[0] ?? '') ?? '');
    await target.stop();
    const { faults, imported } = await this.#check(acknowledged, known, workload);
    const traces = workload.erased === null ? [] : await target.tracesOf(canary);
    const { starts, leftOut } = target;
    const told = traces.map((where) => `the words of the erased creator are still in ${where}`);
    return { faults: [...faults, ...told], imported, answers, starts, leftOut };
  }

  /** Causes what is due at this share of the load. */
  async #progress(share: number): Promise<void> {
    const due = this.#waiting.filter(({ at }) => at <= share);
    this.#waiting = this.#waiting.filter(({ at }) => at > share);
    for (const fault of due) await this.#parts.target.cause(fault);
  }

  async #check(acknowledged: readonly Acknowledged[], known: Known, { creators, erased }: Workload): Promise<Findings> {
    const { dataDir, target } = this.#parts;
    const files = ['told', 'findings'].map((name) => `${dataDir}-${name}.json`);
    const [toldFile = '', findingsFile = ''] = files;
    const told: Told = {
      acknowledged,
      creatorIds: creators.map((name) => known.get(name) ?? ''),
      isErased: erased !== null,
      isRebuilt: this.#attempt.isRebuilt,
    };
    writeFileSync(toldFile, JSON.stringify(told));
    const child = spawn(process.execPath, [join(import.meta.dirname, 'check.ts'), ...files], {
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', ...target.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: checkMsMax,
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the checker ended with ${code}:\n${said}`);
    const findings = JSON.parse(readFileSync(findingsFile, 'utf8')) as Findings;
    for (const file of files) rmSync(file);
    return findings;
  }
}
