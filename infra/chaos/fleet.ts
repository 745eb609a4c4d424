import { join } from 'node:path';
import { stageNames } from '../../composition/stages.ts';
import { subgraphNames } from '../../composition/subgraphs.ts';
import { KeptProcess } from './kept-process.ts';
import type { LoaderReport } from './loader.ts';

const main = join(import.meta.dirname, '..', '..', 'main.ts');
const clock = join(import.meta.dirname, 'role-clock.ts');

/** Roles by the names that plans call them. */
export const fleetRoles: readonly string[] = [
  'gateway',
  ...subgraphNames.map((name) => `subgraph ${name}`),
  ...stageNames.map((name) => `stream ${name}`),
];

/** A process of one role. Once it has listened, its successors listen at the same port. */
class Role {
  readonly #process: KeptProcess;
  #url: string | null = null;
  #port = '0';
  #isReady = false;
  #line = '';
  #offsetMs = 0;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#process = new KeptProcess({
      args: () => [`--import=${clock}`, main, ...args],
      env: () => ({ ...env, PORT: this.#port, CHAOS_CLOCK_MS: String(this.#offsetMs) }),
      // Somebody's connection may have the port for the moment.
      mayEnd: (said) => /in use|EADDRINUSE/.test(said.slice(-500)),
      onSaid: (text) => this.#hear(text),
      onGone: () => (this.#isReady = false),
    });
  }

  get process(): KeptProcess {
    return this.#process;
  }

  /** Its address once it has listened; empty for roles that do not. */
  async ready(): Promise<string> {
    await this.#process.until('is ready', () => this.#isReady || null);
    return this.#url ?? '';
  }

  shiftClock(byMs: number): void {
    this.#offsetMs += byMs;
    this.#process.order({ shiftMs: this.#offsetMs });
  }

  #hear(text: string): void {
    this.#line = (this.#line + text).slice(-2_000);
    const listens = /^(?:subgraph|gateway) .* at (http:\/\/\S+)\n/m.exec(this.#line);
    if (listens) {
      this.#url = listens[1] ?? '';
      this.#port = new URL(this.#url).port;
    }
    if (!listens && !/^stream \S+ runs\n/m.test(this.#line)) return;
    this.#line = '';
    this.#isReady = true;
  }
}

export interface FleetOptions {
  /** Addresses of the servers, and the directory of the keys. */
  readonly env: Readonly<Record<string, string>>;
  readonly importFile: string;
}

/** Every role of the platform as a process of its own, and one that loads a community; each is started again whenever it is gone. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #roles = new Map<string, Role>();
  readonly #more = new Set<Role>();
  #loader: KeptProcess | null = null;
  #loading: 'starting' | 'ready' | 'drained' = 'starting';
  #url: string | null = null;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** The gateway's address: always the same one, whether it is there at the moment or not. */
  get url(): string | null {
    for (const each of this.#processes()) each.check();
    return this.#url;
  }

  get said(): string {
    return [...this.#roles].map(([name, { process }]) => `--- ${name}\n${process.said.slice(-1_500)}`).join('\n');
  }

  get starts(): number {
    return this.#processes().reduce((sum, each) => sum + each.starts, 0);
  }

  async start(): Promise<void> {
    for (const name of fleetRoles) if (name !== 'gateway') this.#roles.set(name, this.#make(name.split(' ')));
    const addresses: string[] = [];
    for (const name of subgraphNames)
      addresses.push(`--subgraph=${name}=${await this.#role(`subgraph ${name}`).ready()}`);
    this.#roles.set('gateway', this.#make(['gateway', ...addresses]));
    this.#loader = new KeptProcess({
      args: () => [join(import.meta.dirname, 'loader.ts'), this.#options.importFile],
      env: () => this.#options.env,
      mayEnd: () => false,
      onReport: (report) => (this.#loading = (report as LoaderReport).is),
      onGone: () => (this.#loading = 'starting'),
    });
    await Promise.all([...this.#roles.values()].map((role) => role.ready()));
    this.#url = (await this.#role('gateway').ready()).replace(/\/graphql$/, '');
  }

  kill(role: string): void {
    this.#processOf(role).kill();
  }

  pause(role: string, forMs: number): Promise<void> {
    return this.#processOf(role).pause(forMs);
  }

  shiftClock(role: string, byMs: number): void {
    this.#role(role).shiftClock(byMs);
  }

  /** A further instance of a stream joins, and some time after it is ready it leaves, or dies. */
  async joinAndLeave(role: string, { afterMs, dies }: { afterMs: number; dies: boolean }): Promise<void> {
    const more = this.#make(role.split(' '));
    this.#more.add(more);
    await more.ready();
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await (dies ? more.process.destroy() : more.process.stop());
    this.#more.delete(more);
  }

  /** It stands still while a further instance has joined, for long enough that the group gives its partitions away; then both go on. */
  async zombie(role: string, forMs: number): Promise<void> {
    const heir = this.#make(role.split(' '));
    this.#more.add(heir);
    await heir.ready();
    await this.pause(role, forMs);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await heir.process.stop();
    this.#more.delete(heir);
  }

  async serving(): Promise<string> {
    await Promise.all([...this.#roles.values()].map((role) => role.ready()));
    return this.#url ?? '';
  }

  /** Resolves when everything that was sent and imported is processed. */
  async drained(): Promise<void> {
    const loader = this.#processOf('loader');
    await loader.until('is ready', () => this.#loading !== 'starting' || null);
    this.#loading = 'ready';
    loader.order({ drain: true });
    await loader.until('has drained', () => {
      for (const each of this.#processes()) each.check();
      return this.#loading === 'drained' || null;
    });
  }

  /** Ends all, those that say something first: the streams carry it to its end. */
  async stop(): Promise<void> {
    const streams = [...this.#roles].filter(([name]) => name.startsWith('stream'));
    const others = [...this.#roles].filter(([name]) => !name.startsWith('stream'));
    await Promise.all(others.map(([, { process }]) => process.stop()));
    await this.drained();
    await Promise.all(streams.map(([, { process }]) => process.stop()));
    await this.#loader?.stop();
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#processes().map((each) => each.destroy()));
  }

  #make(args: readonly string[]): Role {
    return new Role(args, this.#options.env);
  }

  #role(name: string): Role {
    const role = this.#roles.get(name);
    if (!role) throw new Error(`there is no role ${name}`);
    return role;
  }

  #processOf(name: string): KeptProcess {
    if (name !== 'loader') return this.#role(name).process;
    if (!this.#loader) throw new Error('the fleet has not started');
    return this.#loader;
  }

  #processes(): readonly KeptProcess[] {
    const roles = [...this.#roles.values(), ...this.#more].map(({ process }) => process);
    return this.#loader ? [...roles, this.#loader] : roles;
  }
}
