import { createHash } from 'node:crypto';
import { type Dice, diceOf } from '../../streams/canon/domain/dice.ts';
import { type NoteSigner, noteSigner } from '../../schema/merkle/signed-note.ts';
import { RegionExchange } from '../../streams/canon/regions/exchange.ts';
import type { RegionPolicy } from '../../streams/canon/regions/policy.ts';
import { RegionNode } from '../../streams/canon/regions/region-node.ts';
import { type Faults, noFaults } from './faults.ts';
import { PowerLoss, SimClock, SimDisk, epochUs } from './machine.ts';

export const maxDriftMs = 5_000;
export const contestMs = 1_500;
export const regionNames = ['ap', 'eu', 'us'] as const;
const signers: ReadonlyMap<string, NoteSigner> = new Map(
  regionNames.map((region, n) => [region, noteSigner(`vcos.${region}/canon`, Buffer.alloc(32, n + 1))]),
);
const keys = Object.fromEntries([...signers].map(([region, { verifierKey }]) => [region, verifierKey]));

/** One region's machine. `node` is null while it is down. */
export interface Machine {
  readonly region: string;
  readonly disk: SimDisk;
  readonly clock: SimClock;
  node: { readonly core: RegionNode; readonly exchange: RegionExchange } | null;
}

/** What is told of everything that happens. */
export interface Witness {
  sent(from: string, to: string, text: string): void;
  /** After anything that may have changed what a region holds. */
  changed(machine: Machine): void;
}

interface Planned {
  readonly atUs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Machines, clocks, disks and links, all driven by one seed: nothing in it happens at the computer's own time or chance. */
export class World {
  readonly dice: Dice;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly witness: Witness;
  faults: Faults;
  nowUs = epochUs;
  readonly #policy: RegionPolicy;
  readonly #queue: Planned[] = [];
  readonly #cut = new Set<string>();
  readonly #trace = createHash('sha256');
  readonly #tell: (line: string) => void;
  #order = 0;
  #ids = 0;

  constructor(
    seed: number,
    options: { faults: (dice: Dice) => Faults; policy: RegionPolicy; witness: Witness; tell: (line: string) => void },
  ) {
    this.dice = diceOf(seed);
    this.faults = options.faults(this.dice);
    this.#policy = options.policy;
    this.witness = options.witness;
    this.#tell = options.tell;
    this.machines = new Map(regionNames.map((region) => [region, this.#machine(region)]));
    for (const machine of this.machines.values()) this.#guard(machine, () => this.#boot(machine));
  }

  /** What happened so far, as one hash: the same seed gives the same. */
  traceHash(): string {
    return this.#trace.copy().digest('hex');
  }

  note(line: string): void {
    this.#trace.update(`${this.nowUs} ${line}\n`);
    this.#tell(`${((this.nowUs - epochUs) / 1_000).toFixed(1).padStart(9)} ms  ${line}`);
  }

  after(ms: number, run: () => void): void {
    const planned = { atUs: this.nowUs + Math.floor(ms * 1_000), order: (this.#order += 1), run };
    let at = this.#queue.length;
    while (at > 0 && isBefore(planned, this.#queue[at - 1] as Planned)) at -= 1;
    this.#queue.splice(at, 0, planned);
  }

  /** Lets time pass. */
  run(ms: number): void {
    const untilUs = this.nowUs + ms * 1_000;
    for (let next = this.#queue[0]; next && next.atUs <= untilUs; next = this.#queue[0]) {
      this.#queue.shift();
      this.nowUs = next.atUs;
      next.run();
    }
    this.nowUs = untilUs;
  }

  /** Does something on a machine that is up; a power loss in its midst brings the machine down. Null where it did not come to an end. */
  on<R>(machine: Machine, act: (node: NonNullable<Machine['node']>) => R): R | null {
    const { node } = machine;
    if (!node) return null;
    return this.#guard(machine, () => act(node));
  }

  send(from: string, to: string, text: string): void {
    this.witness.sent(from, to, text);
    const copies = this.dice.chance(this.faults.drop) ? 0 : this.dice.chance(this.faults.repeat) ? 2 : 1;
    for (let n = 0; n < copies; n += 1) {
      const whole = this.dice.chance(this.faults.forge) ? this.#forged(text) : text;
      const arrives = this.dice.chance(this.faults.corrupt) ? this.#corrupted(whole) : whole;
      this.after(this.dice.next() * this.faults.delayMsMax, () => this.#deliver(from, to, arrives));
    }
  }

  greet(machine: Machine): void {
    const text = this.on(machine, ({ exchange }) => exchange.greeting());
    for (const { region } of this.machines.values())
      if (text !== null && region !== machine.region) this.send(machine.region, region, text);
  }

  cut(regions: readonly string[], isCut: boolean): void {
    this.note(`${isCut ? 'cut off' : 'joined'} ${regions.join(' ')}`);
    for (const a of this.machines.keys())
      for (const b of this.machines.keys()) if (regions.includes(a) !== regions.includes(b)) this.#setCut(a, b, isCut);
  }

  crash(machine: Machine): void {
    this.note(`crash ${machine.region}`);
    machine.node = null;
    machine.disk.crash(this.dice);
    this.after(this.dice.next() * this.faults.downMsMax + 1, () => this.restart(machine));
  }

  restart(machine: Machine): void {
    if (machine.node) return;
    this.note(`restart ${machine.region}`);
    this.#guard(machine, () => this.#boot(machine));
  }

  /** Ends everything that goes wrong among these regions; the others stay cut off from them. */
  heal(regions: readonly string[]): void {
    this.note(`heal ${regions.join(' ')}`);
    this.faults = noFaults;
    for (const a of this.machines.keys())
      for (const b of this.machines.keys()) this.#setCut(a, b, !(regions.includes(a) && regions.includes(b)));
    for (const machine of this.machines.values()) {
      if (!regions.includes(machine.region)) continue;
      machine.clock.mend();
      this.restart(machine);
    }
  }

  newId(): string {
    this.#ids += 1;
    return `e${this.#ids}-${Math.floor(this.dice.next() * 2 ** 32).toString(16)}`;
  }

  #machine(region: string): Machine {
    const rate = 1 + (this.dice.next() * 2 - 1) * this.faults.driftMax;
    return {
      region,
      disk: new SimDisk(() => this.dice.chance(this.faults.diskCrash)),
      clock: new SimClock(() => this.nowUs, rate),
      node: null,
    };
  }

  #boot(machine: Machine): void {
    const core = new RegionNode({
      region: machine.region,
      keys,
      signer: signers.get(machine.region) as NoteSigner,
      disk: machine.disk,
      wall: machine.clock,
      maxDriftMs,
      contestMs,
      newId: () => this.newId(),
      policy: this.#policy,
    });
    machine.node = { core, exchange: new RegionExchange(core) };
    core.tend();
  }

  #guard<R>(machine: Machine, act: () => R): R | null {
    try {
      const result = act();
      this.witness.changed(machine);
      return result;
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      this.crash(machine);
      return null;
    }
  }

  #deliver(from: string, to: string, text: string): void {
    const machine = this.machines.get(to);
    if (this.#cut.has(`${from}|${to}`) || !machine?.node) return;
    const heard = this.on(machine, ({ exchange }) => exchange.hear(text));
    this.note(`${from} to ${to} ${text.length} ${heard?.refused ?? 'heard'} ${this.#digest(text)}`);
    for (const reply of heard?.send ?? []) this.send(to, reply.to, reply.text);
  }

  #digest(text: string): string {
    return createHash('sha1').update(text).digest('hex').slice(0, 8);
  }

  #corrupted(text: string): string {
    const at = this.dice.below(text.length);
    const other = String.fromCharCode(32 + this.dice.below(95));
    return text.slice(0, at) + other + text.slice(at + 1);
  }

  /** A batch without one of its entries: each that is left is sound by itself. */
  #forged(text: string): string {
    const message = JSON.parse(text) as { batch?: { entries: string[] } };
    message.batch?.entries.splice(this.dice.below(message.batch.entries.length), 1);
    return JSON.stringify(message);
  }

  #setCut(a: string, b: string, isCut: boolean): void {
    if (isCut && a !== b) this.#cut.add(`${a}|${b}`);
    else this.#cut.delete(`${a}|${b}`);
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
