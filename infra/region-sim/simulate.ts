import { GENESIS_HASH } from '../../schema/events/envelope.ts';
import type { CanonEvent } from '../../schema/events/envelope.ts';
import { dockets } from '../../streams/canon/docket.ts';
import { type RegionPolicy, standardPolicy } from '../../streams/canon/regions/policy.ts';
import type { RegionNode } from '../../streams/canon/regions/region-node.ts';
import { WriteRefused } from '../../streams/canon/regions/write.ts';
import { chainHeads } from '../../streams/canon/stores.ts';
import { drawFaults } from './faults.ts';
import { SafetyViolation, SafetyWitness, digestOf } from './witness.ts';
import { bindTo, drawDraft } from './workload.ts';
import { type Machine, World, regionNames } from './world.ts';

/** What was promised to happen once things are mended did not. */
export class LivenessViolation extends Error {
  override readonly name = 'LivenessViolation';
}

export interface Run {
  readonly seed: number;
  /** Of everything that happened, in its order. */
  readonly traceHash: string;
  /** Null where all promises were kept. */
  readonly violation: string | null;
  readonly counts: Counts;
}

/** That a run had something to find. */
export interface Counts {
  events: number;
  proposed: number;
  takeOvers: number;
  handOvers: number;
  crashes: number;
  cases: number;
  contests: number;
  forks: number;
  bound: number;
}

export interface RunOptions {
  readonly policy?: RegionPolicy;
  readonly tell?: (line: string) => void;
}

const workMs = 2_000;
const operationsMin = 6;
const operationsMax = 22;
const greetMs = 250;
/** How far a clock may have been ahead when it wrote: so long it takes until everybody can take that. */
const clockLagMs = 60_000;
const roundsMax = 40;

/** Runs one seed: work under faults, then a core of the regions mended, then all of them. Never throws for what it finds. */
export function simulate(seed: number, options: RunOptions = {}): Run {
  const witness = new SafetyWitness();
  const policy = options.policy ?? standardPolicy;
  const counts: Counts = {
    events: 0,
    proposed: 0,
    takeOvers: 0,
    handOvers: 0,
    crashes: 0,
    cases: 0,
    contests: 0,
    forks: 0,
    bound: 0,
  };
  let world: World | null = null;
  let violation: string | null = null;
  try {
    world = new World(seed, { faults: drawFaults, policy, witness, tell: options.tell ?? (() => {}) });
    new Simulation(world, witness, counts).run();
  } catch (error) {
    violation = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const isFinding = error instanceof SafetyViolation || error instanceof LivenessViolation;
    if (!isFinding && error instanceof Error) violation += `\n${error.stack ?? ''}`;
  }
  world?.note(violation ?? 'all promises kept');
  return { seed, traceHash: world?.traceHash() ?? '', violation, counts };
}

class Simulation {
  readonly #world: World;
  readonly #witness: SafetyWitness;
  readonly #counts: Counts;
  #isWorking = true;

  constructor(world: World, witness: SafetyWitness, counts: Counts) {
    this.#world = world;
    this.#witness = witness;
    this.#counts = counts;
  }

  run(): void {
    this.#plan();
    this.#world.run(workMs);
    this.#isWorking = false;
    const all = [...this.#machines];
    const core = this.#world.dice.shuffle(all).slice(0, 2);
    this.#world.heal(core.map(({ region }) => region));
    this.#settle(core);
    this.#takeOverWhatIsOutside(core);
    this.#converge(core);
    this.#world.heal(regionNames);
    this.#settle(all);
    this.#converge(all);
    this.#decideCases(all);
    for (const machine of all) this.#checkEnd(machine.node?.core as RegionNode);
    this.#witness.finish(all);
  }

  get #machines(): Iterable<Machine> {
    return this.#world.machines.values();
  }

  #plan(): void {
    const { dice, faults } = this.#world;
    const atSomeTime = (run: () => void): void => this.#world.after(dice.next() * workMs, run);
    const often = (perS: number): number => Math.round((perS * workMs) / 1_000);
    for (let n = operationsMin + dice.below(operationsMax - operationsMin); n > 0; n -= 1)
      atSomeTime(() => this.#operate());
    for (let n = often(faults.takeOversPerS); n > 0; n -= 1) atSomeTime(() => this.#move('takeOver'));
    for (let n = often(faults.handOversPerS); n > 0; n -= 1) atSomeTime(() => this.#move('handOver'));
    for (let n = often(faults.crashesPerS); n > 0; n -= 1) atSomeTime(() => this.#crash());
    for (let n = often(faults.partitionsPerS); n > 0; n -= 1) atSomeTime(() => this.#partition());
    for (let n = often(faults.clockJumpsPerS); n > 0; n -= 1)
      atSomeTime(() => this.#anyMachine().clock.jump(Math.round((dice.next() * 2 - 1) * faults.clockJumpMsMax)));
    for (let n = 0; n < 2; n += 1) atSomeTime(() => this.#snapshot());
    for (const machine of this.#machines) this.#greetFrom(machine, dice.next() * greetMs);
  }

  #greetFrom(machine: Machine, inMs: number): void {
    this.#world.after(inMs, () => {
      if (!this.#isWorking) return;
      this.#world.greet(machine);
      this.#greetFrom(machine, greetMs);
    });
  }

  #anyMachine(): Machine {
    return this.#world.dice.pick([...this.#machines]);
  }

  #operate(): void {
    const { dice, faults } = this.#world;
    const machine = this.#anyMachine();
    this.#world.on(machine, ({ core }) => {
      const draft = drawDraft(dice, core);
      const isBound = dice.chance(faults.bound);
      if (isBound) this.#counts.bound += 1;
      this.#write(
        machine,
        core,
        isBound ? bindTo(machine.region, dice, draft, (c) => this.#witness.watchFor(c)) : draft,
      );
    });
  }

  #write(machine: Machine, core: RegionNode, draft: Parameters<RegionNode['write']>[0]): void {
    try {
      const ack = core.write(draft);
      this.#world.note(`${machine.region} wrote ${draft.type} ${draft.entityId} ${ack.standing.status} ${ack.id}`);
      this.#counts.events += 1;
      if (ack.standing.home === null) this.#counts.proposed += 1;
      this.#witness.acknowledged(machine, core, ack);
    } catch (error) {
      if (!(error instanceof WriteRefused)) throw error;
      this.#world.note(`${machine.region} refused ${draft.type}: ${error.code}`);
    }
  }

  #move(how: 'takeOver' | 'handOver'): void {
    const { dice } = this.#world;
    const machine = this.#anyMachine();
    this.#world.on(machine, ({ core }) => {
      const entities = [...core.view.entities()].filter((entity) => !entity.startsWith('CanonCase|')).sort();
      if (entities.length === 0) return;
      const entity = dice.pick(entities);
      const moved = how === 'takeOver' ? core.takeOver(entity) : core.handOver(entity, dice.pick(regionNames));
      if (moved) this.#counts[how === 'takeOver' ? 'takeOvers' : 'handOvers'] += 1;
      this.#world.note(`${machine.region} ${how} ${entity} ${moved}`);
    });
  }

  #crash(): void {
    const machine = this.#anyMachine();
    if (!machine.node) return;
    this.#counts.crashes += 1;
    this.#world.crash(machine);
  }

  #partition(): void {
    const { dice, faults } = this.#world;
    const apart = [dice.pick(regionNames)];
    this.#world.cut(apart, true);
    this.#world.after(dice.next() * faults.partitionMsMax, () => this.#isWorking && this.#world.cut(apart, false));
  }

  #snapshot(): void {
    const { node } = this.#anyMachine();
    if (node) this.#witness.snapshot(node);
  }

  /** Lets enough time pass that nothing that was written is ahead of a true clock. */
  #settle(machines: readonly Machine[]): void {
    this.#world.run(clockLagMs);
    for (const { region, node } of machines) if (!node) throw new LivenessViolation(`${region} did not come up again`);
  }

  /** Where the home of an entity is out of reach, somebody in the core takes over. */
  #takeOverWhatIsOutside(core: readonly Machine[]): void {
    const [first] = core;
    const inside = new Set(core.map(({ region }) => region));
    this.#exchange(core, () => isSame(core));
    if (!first) return;
    this.#world.on(first, (node) => {
      for (const entity of node.core.view.entities()) {
        const term = node.core.view.tenureOf(entity);
        if (!term || entity.startsWith('CanonCase|')) continue;
        const isOutside = !inside.has(term.region) || (term.yieldedTo !== null && !inside.has(term.yieldedTo));
        if (isOutside) node.core.takeOver(entity);
      }
    });
  }

  /** Until all of these say the same and nothing waits for a home among them. */
  #converge(machines: readonly Machine[]): void {
    this.#exchange(machines, () => isSame(machines) && waitingOf(machines) === '');
  }

  #exchange(machines: readonly Machine[], isDone: () => boolean): void {
    for (let round = 0; round < roundsMax; round += 1) {
      for (const machine of machines) {
        this.#world.on(machine, ({ core }) => core.tend());
        this.#world.greet(machine);
      }
      this.#world.run(100);
      if (isDone()) return;
    }
    throw new LivenessViolation(explainDifference(machines));
  }

  /** Reviewers decide what waits for them, until nothing does. */
  #decideCases(machines: readonly Machine[]): void {
    for (let round = 0; round < roundsMax; round += 1) {
      let count = 0;
      for (const machine of machines)
        this.#world.on(machine, ({ core }) => {
          for (const { id, eventIds } of core.openCases()) {
            count += 1;
            this.#review(machine, core, id, eventIds);
          }
        });
      this.#counts.cases += count;
      this.#converge(machines);
      if (count === 0) return;
    }
    throw new LivenessViolation('cases stay open although reviewers decide them');
  }

  #review(machine: Machine, core: RegionNode, caseId: string, eventIds: readonly string[]): void {
    const { dice } = this.#world;
    const verdict = dice.pick(['ACCEPT', 'REJECT', 'FORK', 'ACCEPT'] as const);
    const favours = eventIds.length > 1 ? dice.pick(eventIds) : null;
    if (eventIds.length > 1) this.#counts.contests += 1;
    if (verdict === 'FORK') this.#counts.forks += 1;
    this.#write(machine, core, {
      type: 'canon.review-decided',
      entityId: `${machine.region}:${caseId}`,
      payload: { caseId, logKey: 'any', verdict, favours, ground: 'EVIDENCE' },
      actor: 'platform:operator',
      source: 'SYSTEM',
    });
  }

  #checkEnd({ region, view }: RegionNode): void {
    for (const entity of view.entities()) {
      for (const id of view.eventsAbout(entity))
        if (view.standingOf(id).home === null) throw new LivenessViolation(`${region}: ${id} is still only proposed`);
      const home = view.tenureOf(entity)?.region;
      if (home === undefined) throw new LivenessViolation(`${region}: ${entity} has no home`);
      checkChain(view, entity, home);
      const open = Object.values(view.of(home).court.state.get(dockets, entity)?.cases ?? {}).find(
        ({ state }) => state === 'OPEN',
      );
      if (open) throw new LivenessViolation(`${region}: case ${open.case_id} is neither resolved nor forked`);
    }
  }
}

function isSame(machines: readonly Machine[]): boolean {
  const [first, ...others] = machines.map(({ node }) => node && digestOf(node.core.view));
  return first != null && others.every((other) => other === first);
}

function explainDifference(machines: readonly Machine[]): string {
  const digests = machines.map(({ node }) => (node ? digestOf(node.core.view) : 'down'));
  const [a = '', b = ''] = digests.toSorted();
  const at = Array.from(a).findIndex((char, n) => char !== b[n]);
  const sizes = machines.map(({ region, node }) => `${region} ${JSON.stringify(node?.core.sizes())}`).join(' ');
  const where = at < 0 ? '' : `; they differ at ${a.slice(Math.max(0, at - 120), at + 80)} / ${b.slice(at, at + 80)}`;
  return `they do not come to say the same: ${sizes}; proposed: ${waitingOf(machines)}${where}`;
}

/** Events that wait for a home among these machines. */
function waitingOf(machines: readonly Machine[]): string {
  const inside = new Set(machines.map(({ region }) => region));
  const view = machines[0]?.node?.core.view;
  if (!view) return 'down';
  const waiting = [...view.entities()].flatMap((entity) =>
    inside.has(view.tenureOf(entity)?.region ?? '')
      ? view.eventsAbout(entity).filter((id) => view.standingOf(id).home === null)
      : [],
  );
  return waiting.join(' ');
}

/** From the head of an entity's main line every link leads to the one before it, down to the first. */
function checkChain(view: RegionNode['view'], entity: string, home: string): void {
  const byHash = new Map(
    view.eventsAbout(entity).flatMap((id) => {
      const stored: CanonEvent | undefined = view.find(id)?.entry.stored;
      return stored ? [[stored.hash, stored] as const] : [];
    }),
  );
  const head = view.of(home).court.state.get(chainHeads, entity);
  for (let hash = head?.hash ?? GENESIS_HASH; hash !== GENESIS_HASH;) {
    const link = byHash.get(hash);
    if (!link) throw new SafetyViolation(`the chain of ${entity} is broken at ${hash.slice(0, 8)}`);
    hash = link.prevHash;
  }
}
