import { canonicalJson } from '../../schema/events/envelope.ts';
import { compareHlc } from '../../schema/hlc.ts';
import { mayMove } from '../../streams/canon/domain/resolution/status.ts';
import { FederationView, type Standing } from '../../streams/canon/regions/federation-view.ts';
import type { RegionNode } from '../../streams/canon/regions/region-node.ts';
import { type Tenure, compareTerms, subjectOf } from '../../streams/canon/regions/tenure.ts';
import type { Canary } from './workload.ts';
import { type Machine, type Witness, contestMs, maxDriftMs } from './world.ts';

/** A promise of canon was broken. */
export class SafetyViolation extends Error {
  override readonly name = 'SafetyViolation';
}

interface Snapshot {
  readonly region: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly digest: string;
}

const snapshotsMax = 6;

/** Sees all that happens and holds every region to what canon promises. It knows nothing of how regions work but their logs, what they said and their disks. */
export class SafetyWitness implements Witness {
  readonly #canaries: Canary[] = [];
  /** What each region's log was ever seen to hold on its own machine after a sync, or elsewhere. */
  readonly #truth = new Map<string, string[]>();
  readonly #seen = new WeakMap<RegionNode, Map<string, number>>();
  readonly #acknowledged: { readonly region: string; readonly id: string }[] = [];
  readonly #snapshots: Snapshot[] = [];

  watchFor(canary: Canary): void {
    this.#canaries.push(canary);
  }

  sent(from: string, to: string, text: string): void {
    const leaked = this.#canaries.find((canary) => canary.region !== to && text.includes(canary.text));
    if (leaked) fail(`${from} sent ${to} what is bound to ${leaked.region}`);
  }

  /** A client was told that its event is recorded, and how it stands. */
  acknowledged(machine: Machine, node: RegionNode, ack: { readonly id: string; readonly standing: Standing }): void {
    const { region } = machine;
    this.#acknowledged.push({ region, id: ack.id });
    const found = node.view.find(ack.id);
    if (!found) return fail(`${region} acknowledged ${ack.id} and does not hold it`);
    const newest = newestTerm(node, subjectOf(found.entry));
    if (ack.standing.home === region && newest?.region !== region)
      fail(
        `${region} decided about ${subjectOf(found.entry)}, whose home it knew to be ${newest?.region ?? 'nowhere'}`,
      );
  }

  changed(machine: Machine): void {
    if (!machine.node) return;
    const { core } = machine.node;
    const seen = this.#seen.get(core) ?? new Map<string, number>();
    const isFresh = !this.#seen.has(core);
    this.#seen.set(core, seen);
    for (const region of core.view.regions) {
      const from = seen.get(region) ?? 0;
      this.#checkLog(machine, core, { region, from, isFresh });
      seen.set(region, core.view.of(region).log.size);
    }
    if (isFresh) this.#checkAcknowledged(machine, core);
  }

  /** Writes down what a region says now, to ask again later. */
  snapshot({ core }: NonNullable<Machine['node']>): void {
    if (this.#snapshots.length >= snapshotsMax) return;
    const sizes = Object.fromEntries(core.view.regions.map((region) => [region, core.view.of(region).log.size]));
    this.#snapshots.push({ region: core.region, sizes, digest: digestOf(core.view) });
  }

  /** What can only be seen in the end. */
  finish(machines: Iterable<Machine>): void {
    for (const machine of machines) {
      this.#checkDisk(machine);
      if (!machine.node) continue;
      const { core } = machine.node;
      this.#checkAcknowledged(machine, core);
      for (const region of core.view.regions) checkCourt(core, region);
      for (const snapshot of this.#snapshots) if (snapshot.region === core.region) checkSnapshot(core, snapshot);
    }
  }

  #checkLog(
    { clock }: Machine,
    node: RegionNode,
    { region, from, isFresh }: { readonly region: string; readonly from: number; readonly isFresh: boolean },
  ): void {
    const { entries } = node.view.of(region).log;
    const truth = this.#truth.get(region) ?? [];
    this.#truth.set(region, truth);
    for (let at = from; at < entries.length; at += 1) {
      const { stored } = entries[at] as (typeof entries)[number];
      const link = `${stored.id} ${stored.hash}`;
      if (truth.length === at) truth.push(link);
      if (truth[at] !== link) fail(`entry ${at} of ${region} is not what it was: seen by ${node.region}`);
      const before = entries[at - 1]?.stored;
      if (before && compareHlc(before.hlc, stored.hlc) >= 0) fail(`the clock of ${region} went back at entry ${at}`);
      for (const id of stored.causedBy) {
        const cause = node.view.find(id)?.entry.stored;
        if (!cause) fail(`${node.region} holds ${stored.id} without its cause ${id}`);
        else if (compareHlc(cause.hlc, stored.hlc) >= 0) fail(`${stored.id} is dated before its cause ${id}`);
      }
      if (region !== node.region && !isFresh && stored.hlc.wallUs - clock.nowUs() > maxDriftMs * 1_000)
        fail(`${node.region} took an event that is too far ahead of its clock`);
    }
  }

  #checkAcknowledged({ region }: Machine, node: RegionNode): void {
    const lost = this.#acknowledged.find(
      (ack) => ack.region === region && node.view.of(region).log.placeOf(ack.id) === undefined,
    );
    if (lost) fail(`${region} lost ${lost.id}, which it had acknowledged`);
  }

  #checkDisk({ region, disk }: Machine): void {
    for (const bytes of disk.contents()) {
      const leaked = this.#canaries.find((canary) => canary.region !== region && bytes.includes(canary.text));
      if (leaked) fail(`the disk of ${region} holds what is bound to ${leaked.region}`);
    }
  }
}

function fail(reason: string): void {
  throw new SafetyViolation(reason);
}

function newestTerm({ view }: RegionNode, entity: string): Tenure | undefined {
  const terms = view.regions.flatMap((region) => view.of(region).court.tenures.of(entity).at(-1) ?? []);
  return terms.sort(compareTerms).at(-1);
}

/** Everything that a region says about every event and entity; canonical, since one that reads an event from its text has the fields in another order than one that made it. */
export function digestOf(view: FederationView): string {
  const entities = [...view.entities()].sort();
  const events = entities.flatMap((entity) => view.eventsAbout(entity)).sort();
  return canonicalJson([
    view.regions.map((region) => [
      region,
      view.of(region).log.size,
      Buffer.from(view.of(region).log.root).toString('hex'),
    ]),
    entities.map((entity) => {
      const term = view.tenureOf(entity);
      return [entity, term ?? null, term ? view.settledHead(entity, term) : null];
    }),
    events.map((id) => [id, view.standingOf(id)]),
  ]);
}

/** What a home decided moved along the edges that statuses have, once settled not at all; and it confirmed nothing twice. */
function checkCourt({ region: by, view }: RegionNode, region: string): void {
  const { court, log } = view.of(region);
  if (court.deadLetters.length > 0) fail(`${by}: ${region}’s canon put aside ${court.deadLetters.join(', ')}`);
  const confirmed = new Set<string>();
  for (const { event, stored } of log.entries) {
    if (event.type === 'region.confirmed') {
      const term = `${event.payload.eventId} in term ${termAt(view, region, event, log.placeOf(stored.id) ?? 0)}`;
      if (confirmed.has(term)) fail(`${region} confirmed ${term} twice`);
      confirmed.add(term);
      if (view.find(event.payload.eventId)?.entry.stored.hash !== event.payload.eventHash)
        fail(`${region} confirmed an event that nobody holds`);
    }
  }
  for (const { id } of [...view.entities()].flatMap((entity) =>
    view.eventsAbout(entity).map((each) => ({ id: each })),
  )) {
    const moves = court.statusesOf(id);
    const source = view.find(id)?.entry.stored.source ?? 'SYSTEM';
    for (const [n, move] of moves.entries()) {
      const before = moves[n - 1];
      if (!before || move.seq <= before.seq) continue;
      if (move.status !== before.status && !mayMove(before.status, move.status, source))
        fail(`${id} moved from ${before.status} to ${move.status}`);
    }
    const settledAt = court.settledAt(id);
    if (settledAt !== undefined && moves.some(({ at }) => at > settledAt))
      fail(`${id} moved after it was settled at ${settledAt}: ${JSON.stringify(moves)}`);
  }
}

function termAt(view: FederationView, region: string, event: { payload: object }, place: number): number {
  const { entity } = event.payload as { readonly entity: { readonly type: string; readonly id: string } };
  const terms = view.of(region).court.tenures.of(`${entity.type}|${entity.id}`);
  return terms.findLast(({ at }) => at <= place)?.epoch ?? 0;
}

/** What was known at a time does not change: read again from the logs as they were, all else forgotten, it is the same. */
function checkSnapshot(node: RegionNode, { sizes, digest }: Snapshot): void {
  const again = new FederationView(node.view.regions, { contestUs: contestMs * 1_000 });
  const left = new Map(node.view.regions.map((region) => [region, 0]));
  for (let moved = true; moved;) {
    moved = false;
    for (const [region, at] of left) {
      const entry = node.view.of(region).log.entries[at];
      if (at >= (sizes[region] ?? 0) || !entry?.stored.causedBy.every((id) => again.find(id))) continue;
      again.append(region, [entry]);
      left.set(region, at + 1);
      moved = true;
    }
  }
  if (digestOf(again) !== digest) fail(`what ${node.region} knew at ${JSON.stringify(sizes)} reads otherwise now`);
}
