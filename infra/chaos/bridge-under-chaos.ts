import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BridgeProcess, startBridge } from '../clickhouse-bridge/bridge-process.ts';

/** The bridge to the warehouse of one run, at one address however often it is killed. What happens to it comes after what happened before: faults of several lanes may fall due at once. */
export class BridgeUnderChaos {
  readonly #directory: string;
  #bridge: BridgeProcess;
  #last: Promise<unknown> = Promise.resolve();

  static async start(dataDir: string): Promise<BridgeUnderChaos> {
    const directory = join(dataDir, 'warehouse');
    mkdirSync(directory, { recursive: true });
    return new BridgeUnderChaos(directory, await startBridge(directory));
  }

  private constructor(directory: string, bridge: BridgeProcess) {
    this.#directory = directory;
    this.#bridge = bridge;
  }

  get environment(): Readonly<Record<string, string>> {
    const { url, user, password } = this.#bridge;
    return { WAREHOUSE_URL: url, WAREHOUSE_USER: user, WAREHOUSE_PASSWORD: password };
  }

  fault(fault: Parameters<BridgeProcess['fault']>[0]): Promise<void> {
    return this.#next(() => this.#bridge.fault(fault));
  }

  clearFaults(): Promise<void> {
    return this.#next(() => this.#bridge.clearFaults());
  }

  killAndStart(): Promise<void> {
    return this.#next(async () => {
      await this.#bridge.stop('SIGKILL');
      this.#bridge = await startBridge(this.#directory, Number(new URL(this.#bridge.url).port));
    });
  }

  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    return this.#next(() => this.#bridge.stop(signal));
  }

  #next(happens: () => Promise<void>): Promise<void> {
    const done = this.#last.then(happens);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
