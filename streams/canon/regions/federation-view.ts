import { GENESIS_HASH } from '../../../schema/events/envelope.ts';
import type { CanonStatus } from '../../../schema/warehouse/tables.ts';
import { type ChainHead, headOf } from '../domain/chain.ts';
import { dockets } from '../docket.ts';
import { chainHeads } from '../stores.ts';
import type { Entry } from './entry.ts';
import { HomeCourt } from './home-court.ts';
import { RegionLog } from './region-log.ts';
import { type Tenure, compareTerms, subjectOf } from './tenure.ts';

/** Where an event stands: confirmed by its entity's home with the status that it has there, or proposed to it. */
export interface Standing {
  readonly status: CanonStatus;
  /** The region whose decision it is; null while the event is proposed. */
  readonly home: string | null;
  /** Whether nothing can change it any more. */
  readonly isSettled: boolean;
}

const proposed: Standing = { status: 'PROPOSED', home: null, isSettled: false };

/** A region's log with what its region decided as a home. */
interface Held {
  readonly log: RegionLog;
  readonly court: HomeCourt;
}

/**
 * Everything that a region holds of all regions' logs, and what follows from it. A function of the logs: regions that hold the same say the
 * same, whatever the order in which they heard of it.
 */
export class FederationView {
  readonly #held: ReadonlyMap<string, Held>;
  readonly #events = new Map<string, { readonly entry: Entry; readonly place: number }>();
  readonly #aboutEntity = new Map<string, string[]>();
  readonly #isLater: typeof compareTerms;

  constructor(
    regions: readonly string[],
    options: { readonly contestUs: number; readonly compareTerms?: typeof compareTerms },
  ) {
    this.#isLater = options.compareTerms ?? compareTerms;
    const find = (id: string): { entry: Entry; place: number } | undefined => this.#events.get(id);
    this.#held = new Map(
      regions.map((region) => [
        region,
        { log: new RegionLog(region), court: new HomeCourt({ region, contestUs: options.contestUs, find }) },
      ]),
    );
  }

  get regions(): readonly string[] {
    return [...this.#held.keys()];
  }

  of(region: string): Held {
    const held = this.#held.get(region);
    if (!held) throw new RangeError(`region ${region} is not one of this platform`);
    return held;
  }

  has(region: string): boolean {
    return this.#held.has(region);
  }

  find(eventId: string): { readonly entry: Entry; readonly place: number } | undefined {
    return this.#events.get(eventId);
  }

  entities(): Iterable<string> {
    return this.#aboutEntity.keys();
  }

  eventsAbout(entity: string): readonly string[] {
    return this.#aboutEntity.get(entity) ?? [];
  }

  /** Takes entries that were verified. */
  append(region: string, entries: readonly Entry[]): void {
    const { log, court } = this.of(region);
    for (const entry of entries) {
      const place = log.size;
      log.append([entry]);
      const { id, type } = entry.stored;
      this.#events.set(id, { entry, place });
      if (!type.startsWith('region.')) {
        const about = this.#aboutEntity.get(subjectOf(entry)) ?? [];
        about.push(id);
        this.#aboutEntity.set(subjectOf(entry), about);
      }
      court.take(entry, place);
    }
  }

  /** The newest term of an entity that is known here; undefined where nobody has begun it. */
  tenureOf(entity: string): Tenure | undefined {
    let newest: Tenure | undefined;
    for (const { court } of this.#held.values()) {
      const last = court.tenures.of(entity).at(-1);
      if (last && (!newest || this.#isLater(last, newest) > 0)) newest = last;
    }
    return newest;
  }

  /** What the home of a term has settled of its entity: the head that a new home goes on from. */
  settledHead(entity: string, { region }: Pick<Tenure, 'region'>): ChainHead | null {
    const { state } = this.of(region).court;
    const docket = state.get(dockets, entity);
    if (!docket) return state.get(chainHeads, entity) ?? null;
    const { fold, hash } = docket.base;
    return hash === GENESIS_HASH ? null : headOf(fold, { version: fold.version, hash });
  }

  /** How an event stands, by the decision of the homes that its entity has had, as far as each handed over what it had settled. */
  standingOf(eventId: string): Standing {
    const found = this.#events.get(eventId);
    if (!found) return proposed;
    const entity = subjectOf(found.entry);
    const newest = this.tenureOf(entity);
    return newest ? (this.#standingIn(newest, eventId) ?? this.#settledBefore(newest, entity, eventId)) : proposed;
  }

  /** In the newest term whatever the home has judged counts, as long as the term lasts; then only what it settled. */
  #standingIn({ region, at, until }: Tenure, eventId: string): Standing | null {
    const { court } = this.of(region);
    const judged = court.statusesOf(eventId).findLast((each) => each.at >= at && (until === null || each.at < until));
    const settledAt = court.settledAt(eventId);
    const isSettled = settledAt !== undefined && settledAt >= at;
    if (!judged || (until !== null && !isSettled)) return null;
    return { status: judged.status, home: region, isSettled };
  }

  /** Of earlier terms only what was settled before the next one went on from them. */
  #settledBefore(newest: Tenure, entity: string, eventId: string): Standing {
    for (let { from } = newest; from !== null;) {
      const { region, epoch, size } = from;
      const { court } = this.of(region);
      const term = court.tenures.of(entity).find((each) => each.epoch === epoch);
      if (!term) return proposed;
      const settledAt = court.settledAt(eventId);
      const judged = court.statusesOf(eventId).findLast(({ at }) => at >= term.at && at < size);
      if (judged && settledAt !== undefined && settledAt >= term.at && settledAt < size)
        return { status: judged.status, home: region, isSettled: true };
      from = term.from;
    }
    return proposed;
  }
}
