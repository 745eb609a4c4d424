import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { loadKeys } from '../../composition/platform.ts';
import { convertStackExchange } from '../../importer/stackexchange.ts';
import { issueToken } from '../../runtime/issuer.ts';
import { loadOrCreateKey } from '../../runtime/key-file.ts';
import { type BridgeProcess, startBridge } from '../clickhouse-bridge/bridge-process.ts';
import type { Findings, Told } from './check.ts';
import { type Acknowledged, sendWorkload } from './client.ts';
import { type Fault, type Plan, undisturbed } from './plan.ts';
import { PlatformUnderChaos } from './platform-under-chaos.ts';
import { type SmallDisk, mountSmallDisk } from './small-disk.ts';
import { survey } from './survey.ts';
import { type Known, workloadOf } from './workload.ts';

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

/** Runs seeds and compares each with an undisturbed run of its workload, which is made once. */
export class ChaosRunner {
  readonly #root = mkdtempSync(join(tmpdir(), 'vcos-test-chaos-'));
  readonly #calm = new Map<number, Outcome>();
  #running: SeedRun | null = null;
  readonly #importFile = writeCommunity(this.#root);

  /** Runs a plan. Faults are told, not thrown. */
  async run(plan: Plan): Promise<Outcome> {
    const calm = await this.#undisturbed(plan.workload);
    const outcome = await this.#attempt(plan);
    const faults = [...outcome.faults, ...differences(calm, outcome)];
    return { ...outcome, faults, dataDir: faults.length > 0 ? outcome.dataDir : this.#remove(outcome) };
  }

  /** Ends what runs, for whoever is told to end in the middle. */
  async abandon(): Promise<void> {
    await this.#running?.destroy();
    this.close();
  }

  /** Removes what is kept of runs without a fault. */
  close(): void {
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  async #undisturbed(workload: number): Promise<Outcome> {
    const known = this.#calm.get(workload);
    if (known) return known;
    const outcome = await this.#attempt(undisturbed(workload));
    if (outcome.faults.length > 0) throw new Error(`an undisturbed run has faults:\n${outcome.faults.join('\n')}`);
    this.#remove(outcome);
    this.#calm.set(workload, outcome);
    return outcome;
  }

  #remove({ dataDir }: Outcome): null {
    if (dataDir !== null) rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    return null;
  }

  async #attempt(plan: Plan): Promise<Outcome> {
    const dataDir = mkdtempSync(join(this.#root, `seed-${plan.seed}-`));
    // The same keys for all runs: noise depends on key, window and input only.
    mkdirSync(join(this.#root, 'keys'), { recursive: true, mode: 0o700 });
    const keys = await loadKeys(this.#root);
    for (const epoch of importedEpochs) loadOrCreateKey(this.#root, `privacy-epoch-${epoch}`);
    const disk = plan.faults.some(({ kind }) => kind === 'disk-full') ? mountSmallDisk(dataDir) : null;
    cpSync(join(this.#root, 'keys'), join(dataDir, 'keys'), { recursive: true });
    const run = new SeedRun(plan, { dataDir, disk, keys, importFile: this.#importFile });
    this.#running = run;
    try {
      return { ...(await run.finish()), dataDir };
    } catch (error) {
      const said = run.said === '' ? '' : `\nthe platform said:\n${run.said.slice(-4_000)}`;
      return {
        faults: [`${String((error as Error).stack)}${said}`],
        imported: {},
        answers: null,
        starts: run.starts,
        leftOut: [],
        dataDir,
      };
    } finally {
      await run.destroy();
    }
  }
}

interface Place {
  readonly dataDir: string;
  readonly importFile: string;
  readonly disk: SmallDisk | null;
  readonly keys: Awaited<ReturnType<typeof loadKeys>>;
}

class SeedRun {
  readonly #plan: Plan;
  readonly #place: Place;
  readonly #leftOut: string[] = [];
  readonly #lasting: Promise<unknown>[] = [];
  #waiting: readonly Fault[];
  #platform: PlatformUnderChaos | null = null;
  #bridge: BridgeProcess | null = null;
  #isDiskFull = false;

  constructor(plan: Plan, place: Place) {
    this.#plan = plan;
    this.#place = place;
    this.#waiting = plan.faults;
  }

  get said(): string {
    return this.#platform?.said ?? '';
  }

  get starts(): number {
    return this.#platform?.starts ?? 0;
  }

  async finish(): Promise<Omit<Outcome, 'dataDir'>> {
    const { keys } = this.#place;
    const workload = workloadOf(this.#plan.workload);
    const tokens = new Map<string, string>();
    for (const subject of workload.creators)
      tokens.set(subject, await issueToken({ key: keys.issuer, subject, ttlS: tokenTtlS, nowMs: issuedAtMs }));
    const platform = await this.#start();
    await this.#progress(0);
    const { acknowledged, known } = await sendWorkload(workload, {
      url: () => platform.url,
      tokens,
      onProgress: (share) => this.#progress(share),
    });
    await this.#progress(Number.POSITIVE_INFINITY);
    await Promise.all(this.#lasting);
    await this.#bridge?.clearFaults();
    await platform.drained();
    const answers = await survey(await platform.serving(), workload, tokens.get(workload.creators[0] ?? '') ?? '');
    await platform.stop();
    await this.#bridge?.stop();
    const { faults, imported } = await this.#check(acknowledged, known, workload);
    return { faults, imported, answers, starts: platform.starts, leftOut: this.#leftOut };
  }

  async destroy(): Promise<void> {
    await this.#platform?.destroy();
    await this.#bridge?.stop('SIGKILL');
    this.#place.disk?.remove();
  }

  async #start(): Promise<PlatformUnderChaos> {
    const { dataDir, importFile } = this.#place;
    let env: Record<string, string> = { ...cacheEnv };
    if (this.#plan.warehouse === 'bridge') {
      mkdirSync(join(dataDir, 'warehouse'), { recursive: true });
      this.#bridge = await startBridge(join(dataDir, 'warehouse'));
      const { url, user, password } = this.#bridge;
      env = { ...env, WAREHOUSE_URL: url, WAREHOUSE_USER: user, WAREHOUSE_PASSWORD: password };
    }
    this.#platform = new PlatformUnderChaos({ dataDir, importFile, env, mayEnd: () => this.#isDiskFull });
    return this.#platform;
  }

  /** Causes what is due at this share of the load. */
  async #progress(share: number): Promise<void> {
    const due = this.#waiting.filter(({ at }) => at <= share);
    this.#waiting = this.#waiting.filter(({ at }) => at > share);
    for (const fault of due) await this.#cause(fault);
  }

  async #cause(fault: Fault): Promise<void> {
    const platform = this.#platform;
    if (!platform) return;
    if (fault.kind === 'kill') return platform.kill();
    if (fault.kind === 'kill-starting') return platform.killStarting(fault.afterMs);
    if (fault.kind === 'clock') return platform.shiftClock(fault.byMs);
    if (fault.kind === 'pause') return this.#last(platform.pause(fault.forMs));
    if (fault.kind === 'disk-full') return this.#last(this.#fillDisk(fault.forMs));
    if (fault.kind === 'warehouse-kill') return this.#restartBridge();
    await this.#bridge?.fault({ kind: fault.answer, times: fault.times, waitMs: 300 });
  }

  /** The load goes on meanwhile. */
  #last(effect: Promise<void>): void {
    this.#lasting.push(effect);
  }

  async #fillDisk(forMs: number): Promise<void> {
    const { disk } = this.#place;
    if (disk === null) return void this.#leftOut.push('disk-full: this user may not mount a file system');
    this.#isDiskFull = true;
    disk.fill();
    await sleep(forMs);
    disk.free();
    // A process that found it full may still be about to say so.
    await sleep(300);
    this.#isDiskFull = false;
  }

  async #restartBridge(): Promise<void> {
    const bridge = this.#bridge;
    if (!bridge) return;
    await bridge.stop('SIGKILL');
    this.#bridge = await startBridge(join(this.#place.dataDir, 'warehouse'), Number(new URL(bridge.url).port));
  }

  async #check(
    acknowledged: readonly Acknowledged[],
    known: Known,
    { creators, erased }: ReturnType<typeof workloadOf>,
  ): Promise<Findings> {
    const { dataDir } = this.#place;
    const files = ['told', 'findings'].map((name) => `${dataDir}-${name}.json`);
    const [toldFile = '', findingsFile = ''] = files;
    const told: Told = {
      acknowledged,
      creatorIds: creators.map((name) => known.get(name) ?? ''),
      isErased: erased !== null,
      isRebuilt: this.#plan.seed % rebuildEvery === 0,
    };
    writeFileSync(toldFile, JSON.stringify(told));
    const child = spawn(process.execPath, [join(import.meta.dirname, 'check.ts'), ...files], {
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', DATA_DIR: dataDir, ...cacheEnv },
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

/** What a run has otherwise than the undisturbed one. */
function differences(calm: Outcome, outcome: Outcome): readonly string[] {
  if (outcome.answers === null) return [];
  const faults: string[] = [];
  for (const [table, rows] of Object.entries(calm.imported)) {
    const actual = outcome.imported[table] ?? [];
    const at = rows.findIndex((row, index) => !isDeepStrictEqual(row, actual[index]));
    if (rows.length !== actual.length)
      faults.push(`${table}: ${actual.length} imported rows, ${rows.length} in the undisturbed run`);
    else if (at >= 0)
      faults.push(
        `${table}: row ${at} is ${JSON.stringify(actual[at])}, in the undisturbed run ${JSON.stringify(rows[at])}`,
      );
  }
  if (!isDeepStrictEqual(calm.answers, outcome.answers))
    faults.push(
      `clients see another community:\n${JSON.stringify(outcome.answers)}\nin the undisturbed run:\n${JSON.stringify(calm.answers)}`,
    );
  return faults;
}
