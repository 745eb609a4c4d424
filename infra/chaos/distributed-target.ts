import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BridgeUnderChaos } from './bridge-under-chaos.ts';
import type { DistributedFault, DistributedPlan } from './distributed-plan.ts';
import { Fleet } from './fleet.ts';
import type { ServerName, ServersUnderChaos } from './servers-under-chaos.ts';
import type { Target } from './target.ts';

export interface DistributedPlace {
  readonly dataDir: string;
  readonly importFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly servers: ServersUnderChaos;
}

/** Every role in a process of its own, on Kafka, Neo4j and the bridge to chDB. */
export class DistributedTarget implements Target<DistributedFault> {
  readonly #place: DistributedPlace;
  readonly #plan: DistributedPlan;
  readonly #prefix: string;
  readonly #lasting: Promise<unknown>[] = [];
  /** What happens to a server comes after what happened to it before. */
  readonly #strikes = new Map<ServerName, Promise<void>>();
  readonly leftOut: readonly string[] = [];
  #fleet: Fleet | null = null;
  #bridge: BridgeUnderChaos | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(plan: DistributedPlan, place: DistributedPlace) {
    this.#plan = plan;
    this.#place = place;
    this.#prefix = `chaos-${plan.seed}-${Date.now().toString(36)}.`;
  }

  get url(): string | null {
    if (this.#failure) throw this.#failure.error;
    return this.#fleet?.url ?? null;
  }

  get said(): string {
    return this.#fleet?.said ?? '';
  }

  get starts(): number {
    return this.#fleet?.starts ?? 0;
  }

  /** The warehouse is read from its files: nobody else has them open any more. */
  get environment(): Readonly<Record<string, string>> {
    const { dataDir, env, servers } = this.#place;
    return {
      DATA_DIR: dataDir,
      ...env,
      ...servers.environment,
      EVENT_LOG_PREFIX: this.#prefix,
      EVENT_PARTITIONS: String(this.#plan.partitions),
    };
  }

  async start(): Promise<void> {
    const { dataDir, importFile } = this.#place;
    this.#bridge = await BridgeUnderChaos.start(dataDir);
    const env = { ...this.environment, ...this.#bridge.environment };
    this.#fleet = new Fleet({ env, importFile });
    await this.#fleet.start();
  }

  async cause(fault: DistributedFault): Promise<void> {
    const fleet = this.#running();
    if (fault.kind === 'kill') return fleet.kill(fault.role);
    if (fault.kind === 'clock') return fleet.shiftClock(fault.role, fault.byMs);
    if (fault.kind === 'pause') return this.#last(fleet.pause(fault.role, fault.forMs));
    if (fault.kind === 'zombie') return this.#last(fleet.zombie(fault.role, fault.forMs));
    if (fault.kind === 'rebalances') return this.#last(rebalances(fleet, fault));
    if (fault.kind === 'server-kill') return this.#last(this.#strike(fault.server, fault.downMs));
    if (fault.kind === 'warehouse-kill') return this.#bridge?.killAndStart();
    await this.#bridge?.fault({ kind: fault.answer, times: fault.times, waitMs: 300 });
  }

  async calm(): Promise<void> {
    await Promise.all(this.#lasting);
    if (this.#failure) throw this.#failure.error;
    await this.#bridge?.clearFaults();
  }

  serving(): Promise<string> {
    return this.#running().serving();
  }

  drained(): Promise<void> {
    return this.#running().drained();
  }

  async stop(): Promise<void> {
    await this.#fleet?.stop();
    await this.#bridge?.stop();
  }

  async tracesOf(text: string): Promise<readonly string[]> {
    const { servers } = this.#place;
    const traces = (await servers.storeHolds(text)) ? ['Neo4j'] : [];
    const log = join(servers.directory('kafka'), 'data');
    for (const entry of readdirSync(log, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.parentPath.includes(this.#prefix)) continue;
      if (readFileSync(join(entry.parentPath, entry.name)).includes(text))
        traces.push(join(entry.parentPath, entry.name));
    }
    return traces;
  }

  async destroy(): Promise<void> {
    await this.#fleet?.destroy();
    await this.#bridge?.stop('SIGKILL');
    await Promise.all(this.#lasting);
    await this.#place.servers.wipe(this.#prefix);
  }

  #running(): Fleet {
    if (!this.#fleet) throw new Error('the fleet was not started');
    return this.#fleet;
  }

  /** The load goes on meanwhile. */
  #last(effect: Promise<void>): void {
    this.#lasting.push(effect.catch((error: unknown) => void (this.#failure ??= { error })));
  }

  #strike(server: ServerName, downMs: number): Promise<void> {
    const before = this.#strikes.get(server) ?? Promise.resolve();
    const strike = before.then(() => this.#place.servers.strike(server, downMs));
    this.#strikes.set(server, strike);
    return strike;
  }
}

async function rebalances(
  fleet: Fleet,
  { role, times, afterMs }: DistributedFault & { kind: 'rebalances' },
): Promise<void> {
  for (let time = 1; time <= times; time += 1) await fleet.joinAndLeave(role, { afterMs, dies: time < times });
}
