import { ClockDriftError, HlcClock, type WallClock } from '../../../runtime/hlc-clock.ts';
import { type EventType, eventTypes } from '../../../schema/events/catalogue.ts';
import { canonicalJson } from '../../../schema/events/envelope.ts';
import { compareHlc } from '../../../schema/hlc.ts';
import { type NoteSigner, type NoteVerifier, parseVerifierKey } from '../../../schema/merkle/signed-note.ts';
import { chainKey } from '../domain/chain.ts';
import { dockets } from '../docket.ts';
import { type Entry, EntryError, readEntry } from './entry.ts';
import { FederationView, type Standing } from './federation-view.ts';
import { epochOf } from './home-court.ts';
import { type RegionPolicy, standardPolicy } from './policy.ts';
import { type RegionDisk, frame } from './region-disk.ts';
import { type Batch, BatchRefused, type Warrant } from './region-log.ts';
import { subjectOf } from './tenure.ts';
import { type Draft, completeEvent, entityOfKey } from './write.ts';

export interface RegionOptions {
  readonly region: string;
  /** Verifier's key texts of all regions, this one among them. */
  readonly keys: Readonly<Record<string, string>>;
  readonly signer: NoteSigner;
  readonly disk: RegionDisk;
  readonly wall: WallClock;
  /** How far a reading of another region may be ahead of this one's wall clock. */
  readonly maxDriftMs?: number;
  /** How long a decided event can still be contended from another region, in milliseconds. */
  readonly contestMs: number;
  readonly newId: () => string;
  readonly policy?: RegionPolicy;
}

/** How the line of a file begins that is no entry but shows that those before it are what their region signed. */
const isWarrant = (line: string): boolean => line.startsWith('{"checkpoint":');
/** Entries in one batch, at most. */
const batchMax = 32;

/**
 * One region: the only writer of its own log, with a verified replica of every other's. It decides about the entities whose home it is; what it writes about
 * others is PROPOSED until their home confirms it. Everything that it knows is in its files, so it goes on after a crash from what they hold.
 * Synchronous throughout: whoever runs it brings disk, clock and network.
 */
export class RegionNode {
  readonly region: string;
  readonly view: FederationView;
  readonly #options: RegionOptions;
  readonly #policy: RegionPolicy;
  readonly #clock: HlcClock;
  readonly #verifiers: ReadonlyMap<string, NoteVerifier>;
  /** Entries of the own log that a crash cannot take any more. */
  #durable = 0;
  /** Entities about which something was heard since they were tended to. */
  readonly #touched = new Set<string>();

  /** Takes up what the disk holds. Throws an EntryError where it holds what no crash can explain. */
  constructor(options: RegionOptions) {
    this.#options = options;
    this.#policy = options.policy ?? standardPolicy;
    this.region = options.region;
    const drift = options.maxDriftMs === undefined ? {} : { maxDriftMs: options.maxDriftMs };
    this.#clock = new HlcClock({ node: `live:${options.region}`, wall: options.wall, ...drift });
    this.#verifiers = new Map(Object.entries(options.keys).map(([name, key]) => [name, parseVerifierKey(key)]));
    this.view = new FederationView(Object.keys(options.keys).sort(), {
      contestUs: options.contestMs * 1_000,
      compareTerms: this.#policy.compareTerms,
    });
    this.#recover();
  }

  /** Writes an event: confirmed where this region is the entity's home, proposed to it elsewhere. It is on disk when this returns. Throws WriteRefused. */
  write<T extends EventType>(draft: Draft<T>): { readonly id: string; readonly standing: Standing } {
    this.#tendTo(chainKey({ type: eventTypes[draft.type].entity, id: draft.entityId }));
    const entry = this.#complete(draft);
    this.#append([entry]);
    this.#flush(this.region);
    return { id: entry.stored.id, standing: this.view.standingOf(entry.stored.id) };
  }

  /** Makes this region the home of an entity from what it holds of the present home's log. False where it is the home already. */
  takeOver(entity: string): boolean {
    const newest = this.view.tenureOf(entity);
    if (!newest || this.#isHome(entity)) return false;
    const { log } = this.view.of(newest.region);
    const from = { region: newest.region, epoch: newest.epoch, size: log.size };
    const seen = log.entries.at(-1)?.stored.id;
    this.#touched.add(entity);
    this.#act(
      'region.home-taken',
      { entity: entityOfKey(entity), epoch: newest.epoch + 1, from, head: this.view.settledHead(entity, newest) },
      seen === undefined ? [] : [seen],
    );
    this.#flush(this.region);
    return true;
  }

  /** Hands an entity over: this region decides nothing about it any more, and the other one takes over when it hears of it. False where this region is not the home. */
  handOver(entity: string, to: string): boolean {
    const open = this.view.of(this.region).court.tenures.open(entity);
    if (!open || !this.#isHome(entity) || to === this.region || !this.view.has(to)) return false;
    this.#act('region.home-yielded', { entity: entityOfKey(entity), epoch: open.epoch, to }, []);
    this.#flush(this.region);
    return true;
  }

  /** What a region does by itself, whenever it has heard something new: gives up what others have taken, takes what was handed to it, confirms what waits. */
  tend(): void {
    const before = this.view.of(this.region).log.size;
    for (const entity of [...this.#touched].sort()) this.#tendTo(entity);
    this.#touched.clear();
    if (this.view.of(this.region).log.size > before) this.#flush(this.region);
  }

  /** How much of each log this region holds for others to ask for. */
  sizes(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.view.regions.map((region) => [
        region,
        region === this.region ? this.#durable : this.view.of(region).log.size,
      ]),
    );
  }

  /** A batch of a log, as far as it may leave this region; null where there is nothing that a checkpoint covers. */
  serve(region: string, at: number, max = batchMax): Batch | null {
    if (!this.view.has(region)) return null;
    const { log } = this.view.of(region);
    if (region === this.region && this.#durable > 0) log.sign(this.#durable, this.#options.signer);
    return log.serve(at, Math.min(max, batchMax), (entry) => this.#policy.outward(entry, this.#options.signer));
  }

  /** Takes a batch of another region's log, wholly or not at all. Throws {@link BatchRefused}; gives how many entries were new. */
  receive(batch: Batch): number {
    const verifier = this.#verifiers.get(batch.region);
    if (!verifier || batch.region === this.region) throw new BatchRefused('ORDER', 'region: is not another region');
    const { log } = this.view.of(batch.region);
    const entries = batch.entries.map((text) => this.#read(text, batch.region));
    const fresh = this.#policy.fresh(log, batch, entries);
    this.#policy.verify(log, batch, fresh, verifier);
    this.#checkOrder(batch.region, fresh);
    for (const [n, { stored }] of fresh.entries()) this.#observe(stored.hlc, n);
    const { checkpoint, steps } = batch;
    for (const { text } of fresh) this.#options.disk.append(batch.region, frame(text));
    this.#options.disk.append(batch.region, frame(canonicalJson({ checkpoint, steps })));
    this.#flush(batch.region);
    this.view.append(batch.region, fresh);
    for (const entry of fresh) this.#touched.add(subjectOf(entry));
    log.vouch(batch);
    return fresh.length;
  }

  /** Cases that wait for people, of entities whose home this region is. */
  openCases(): readonly { readonly id: string; readonly entity: string; readonly eventIds: readonly string[] }[] {
    const { state } = this.view.of(this.region).court;
    return state
      .entries(dockets)
      .filter(([entity]) => this.#isHome(entity))
      .flatMap(([entity, { cases }]) =>
        Object.values(cases)
          .filter((row) => row.state === 'OPEN')
          .map((row) => ({ id: row.case_id, entity, eventIds: row.event_ids })),
      );
  }

  #tendTo(entity: string): void {
    this.#fence(entity);
    const newest = this.view.tenureOf(entity);
    if (newest?.yieldedTo === this.region && newest.region !== this.region) this.takeOver(entity);
    if (this.#isHome(entity)) this.#confirmWaiting(entity);
  }

  #isHome(entity: string): boolean {
    const open = this.view.of(this.region).court.tenures.open(entity);
    return this.#policy.mayDecide(this.region, this.view.tenureOf(entity), open);
  }

  /** A later term of another region ends this region's own, for good and on record. */
  #fence(entity: string): void {
    const open = this.view.of(this.region).court.tenures.open(entity);
    const newest = this.view.tenureOf(entity);
    if (!open || !newest || this.#isHome(entity)) return;
    this.#act('region.home-yielded', { entity: entityOfKey(entity), epoch: open.epoch, to: newest.region }, []);
  }

  #confirmWaiting(entity: string): void {
    const waiting = this.view
      .eventsAbout(entity)
      .filter((id) => this.#policy.isWaiting(this.view, id))
      .map((id) => this.view.find(id)?.entry)
      .filter((entry) => entry !== undefined)
      .sort((a, b) => compareHlc(a.stored.hlc, b.stored.hlc));
    for (const { stored, event } of waiting) {
      const place = this.view.find(stored.id)?.place ?? 0;
      const epoch = epochOf(this.view.of(stored.region).court.tenures.of(entity), place);
      const payload = { entity: { ...event.entity }, eventId: stored.id, eventHash: stored.hash, epoch };
      this.#act('region.confirmed', payload, [stored.id]);
    }
  }

  #act(type: EventType, payload: object, causedBy: readonly string[]): void {
    const { entity } = payload as { readonly entity: { readonly type: string; readonly id: string } };
    const entityId = `${this.region}|${entity.type}|${entity.id}`;
    const draft = { type, entityId, payload, actor: `platform:${this.region}`, source: 'SYSTEM', causedBy } as Draft;
    this.#append([this.#complete(draft)]);
  }

  #complete<T extends EventType>(draft: Draft<T>): Entry {
    const { region, view } = this;
    const event = completeEvent(draft, { region, view, hlc: () => this.#clock.now(), newId: this.#options.newId });
    return readEntry(event, (name) => this.#verifiers.get(name));
  }

  #append(entries: readonly Entry[]): void {
    for (const { text } of entries) this.#options.disk.append(this.region, frame(text));
    this.view.append(this.region, entries);
  }

  #flush(file: string): void {
    this.#policy.flush(this.#options.disk, file);
    if (file === this.region) this.#durable = this.view.of(this.region).log.size;
  }

  #read(text: string, region: string): Entry {
    try {
      const entry = readEntry(text, (name) => this.#verifiers.get(name));
      if (entry.stored.region !== region) throw new EntryError('region: is not the one whose log this is');
      return entry;
    } catch (error) {
      if (error instanceof EntryError) throw new BatchRefused('ENTRY', error.message);
      throw error;
    }
  }

  /** A log's clock only goes forward, its ids are its own, and what its events rest on has come before. */
  #checkOrder(region: string, fresh: readonly Entry[]): void {
    let last = this.view.of(region).log.entries.at(-1)?.stored.hlc;
    const own = new Set<string>();
    for (const [n, entry] of fresh.entries()) {
      const { id, hlc } = entry.stored;
      if (last && compareHlc(hlc, last) <= 0)
        throw new BatchRefused('ORDER', 'hlc: is not after the entry before it', n);
      if (this.view.find(id) || own.has(id)) throw new BatchRefused('ORDER', 'id: is that of another event', n);
      if (!this.#policy.hasCauses(entry, (cause) => own.has(cause) || this.view.find(cause) !== undefined))
        throw new BatchRefused('CAUSE_MISSING', 'causedBy: names what has not come here yet', n);
      own.add(id);
      last = hlc;
    }
  }

  #observe(hlc: Entry['stored']['hlc'], good: number): void {
    try {
      this.#policy.observe(this.#clock, hlc);
    } catch (error) {
      if (error instanceof ClockDriftError) throw new BatchRefused('CLOCK_AHEAD', error.message, good);
      throw error;
    }
  }

  /** Reads every file as far as its lines are whole, in an order in which causes come first. */
  #recover(): void {
    const files = this.view.regions.map((region) => {
      const bytes = this.#options.disk.read(region);
      const { texts, length } = this.#policy.recover(bytes);
      if (length < bytes.length) this.#options.disk.truncate(region, length);
      // Of a replica only what can be passed on is kept.
      const lines = region === this.region ? texts : texts.slice(0, texts.findLastIndex(isWarrant) + 1);
      return { region, lines, next: 0, taken: 0, isCut: lines.length < texts.length };
    });
    for (let moved = true; moved;) {
      moved = false;
      for (const file of files) while (this.#recoverLine(file)) moved = true;
    }
    for (const { region, lines, next, taken, isCut } of files) {
      if (next === lines.length && !isCut) continue;
      // What rests on something that the crash took was not acknowledged either; it comes again from others.
      if (region === this.region) throw new EntryError('the own log rests on events that are not on this disk');
      this.#options.disk.truncate(region, taken);
    }
    this.#flush(this.region);
  }

  #recoverLine(file: {
    readonly region: string;
    readonly lines: readonly string[];
    next: number;
    taken: number;
  }): boolean {
    const text = file.lines[file.next];
    if (text === undefined) return false;
    if (isWarrant(text)) this.view.of(file.region).log.vouch(JSON.parse(text) as Warrant);
    else {
      const entry = readEntry(text, (name) => this.#verifiers.get(name));
      if (!entry.stored.causedBy.every((id) => this.view.find(id))) return false;
      this.view.append(file.region, [entry]);
      this.#touched.add(subjectOf(entry));
      this.#policy.restoreClock(this.#clock, entry.stored.hlc);
    }
    file.next += 1;
    file.taken += frame(text).length;
    return true;
  }
}
