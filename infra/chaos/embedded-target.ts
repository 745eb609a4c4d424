import { setTimeout as sleep } from 'node:timers/promises';
import { BridgeUnderChaos } from './bridge-under-chaos.ts';
import type { Fault, Plan } from './plan.ts';
import { PlatformUnderChaos } from './platform-under-chaos.ts';
import { type SmallDisk, mountSmallDisk } from './small-disk.ts';
import type { Target } from './target.ts';

export interface EmbeddedPlace {
  readonly dataDir: string;
  readonly importFile: string;
  readonly env: Readonly<Record<string, string>>;
  /** The file system of the directory where it has one of its own. */
  readonly disk: SmallDisk | null;
}

/** A file system of its own where the plan fills it. */
export const diskFor = ({ faults }: Plan, dataDir: string): SmallDisk | null =>
  faults.some(({ kind }) => kind === 'disk-full') ? mountSmallDisk(dataDir) : null;

/** The platform in one process. */
export class EmbeddedTarget implements Target<Fault> {
  readonly #place: EmbeddedPlace;
  readonly #warehouse: Plan['warehouse'];
  readonly #lasting: Promise<unknown>[] = [];
  readonly leftOut: string[] = [];
  #platform: PlatformUnderChaos | null = null;
  #bridge: BridgeUnderChaos | null = null;
  #isDiskFull = false;

  constructor({ warehouse }: Plan, place: EmbeddedPlace) {
    this.#warehouse = warehouse;
    this.#place = place;
  }

  get url(): string | null {
    return this.#platform?.url ?? null;
  }

  get said(): string {
    return this.#platform?.said ?? '';
  }

  get starts(): number {
    return this.#platform?.starts ?? 0;
  }

  get environment(): Readonly<Record<string, string>> {
    return { DATA_DIR: this.#place.dataDir, ...this.#place.env };
  }

  async start(): Promise<void> {
    const { dataDir, importFile } = this.#place;
    let { env } = this.#place;
    if (this.#warehouse === 'bridge') {
      this.#bridge = await BridgeUnderChaos.start(dataDir);
      env = { ...env, ...this.#bridge.environment };
    }
    this.#platform = new PlatformUnderChaos({ dataDir, importFile, env, mayEnd: () => this.#isDiskFull });
  }

  async cause(fault: Fault): Promise<void> {
    const platform = this.#running();
    if (fault.kind === 'kill') return platform.kill();
    if (fault.kind === 'kill-starting') return platform.killStarting(fault.afterMs);
    if (fault.kind === 'clock') return platform.shiftClock(fault.byMs);
    if (fault.kind === 'pause') return this.#last(platform.pause(fault.forMs));
    if (fault.kind === 'disk-full') return this.#last(this.#fillDisk(fault.forMs));
    if (fault.kind === 'warehouse-kill') return this.#bridge?.killAndStart();
    await this.#bridge?.fault({ kind: fault.answer, times: fault.times, waitMs: 300 });
  }

  async calm(): Promise<void> {
    await Promise.all(this.#lasting);
    await this.#bridge?.clearFaults();
  }

  serving(): Promise<string> {
    return this.#running().serving();
  }

  drained(): Promise<void> {
    return this.#running().drained();
  }

  async stop(): Promise<void> {
    await this.#platform?.stop();
    await this.#bridge?.stop();
  }

  tracesOf(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async destroy(): Promise<void> {
    await this.#platform?.destroy();
    await this.#bridge?.stop('SIGKILL');
    this.#place.disk?.remove();
  }

  #running(): PlatformUnderChaos {
    if (!this.#platform) throw new Error('the platform was not started');
    return this.#platform;
  }

  /** The load goes on meanwhile. */
  #last(effect: Promise<void>): void {
    this.#lasting.push(effect);
  }

  async #fillDisk(forMs: number): Promise<void> {
    const { disk } = this.#place;
    if (disk === null) return void this.leftOut.push('disk-full: this user may not mount a file system');
    this.#isDiskFull = true;
    disk.fill();
    await sleep(forMs);
    disk.free();
    // A process that found it full may still be about to say so.
    await sleep(300);
    this.#isDiskFull = false;
  }
}
