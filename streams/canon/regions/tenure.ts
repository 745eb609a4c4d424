import { GENESIS_HASH } from '../../../schema/events/envelope.ts';
import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { chainKey } from '../domain/chain.ts';
import type { Entry } from './entry.ts';

/** A term in which one region is the home of an entity: the only one that decides about it. */
export interface Tenure {
  readonly region: string;
  readonly epoch: number;
  /** The entry of the region's own log with which it begins; and the one before which it ends, null while it lasts. */
  readonly at: number;
  readonly until: number | null;
  /** To whom it was handed over. */
  readonly yieldedTo: string | null;
  readonly from: PayloadOf<'region.home-taken'>['from'];
}

type Term = Pick<Tenure, 'region' | 'epoch'>;

/** Which of two terms is the later: two regions that took over at the same time, unseen by each other, are told apart by name. */
export function compareTerms(a: Term, b: Term): number {
  return a.epoch - b.epoch || (a.region < b.region ? -1 : a.region > b.region ? 1 : 0);
}

/** The entity that an entry is about: for what a home does, the one that it is the home of. */
export function subjectOf({ event }: Entry): string {
  switch (event.type) {
    case 'region.home-taken':
    case 'region.home-yielded':
    case 'region.confirmed':
      return chainKey(event.payload.entity);
    default:
      return chainKey(event.entity);
  }
}

/** The terms of every entity that one region's log tells, oldest first. The region that begins an entity is its first home. */
export class TenureBook {
  readonly #region: string;
  readonly #byEntity = new Map<string, Tenure[]>();

  constructor(region: string) {
    this.#region = region;
  }

  take(entry: Entry, at: number): void {
    const { event } = entry;
    const subject = subjectOf(entry);
    const terms = this.#byEntity.get(subject) ?? [];
    const next = { region: this.#region, at, until: null, yieldedTo: null };
    if (event.type === 'region.home-taken')
      terms.push({ ...next, epoch: event.payload.epoch, from: event.payload.from });
    else if (event.type === 'region.home-yielded') {
      const last = terms.at(-1);
      if (last?.until === null && last.epoch === event.payload.epoch)
        terms[terms.length - 1] = { ...last, until: at, yieldedTo: event.payload.to };
    } else if (terms.length === 0 && event.prevHash === GENESIS_HASH && subject === chainKey(event.entity))
      terms.push({ ...next, epoch: 1, from: null });
    if (terms.length > 0) this.#byEntity.set(subject, terms);
  }

  of(entity: string): readonly Tenure[] {
    return this.#byEntity.get(entity) ?? [];
  }

  entities(): Iterable<string> {
    return this.#byEntity.keys();
  }

  /** The term that lasts; undefined where this region is not the home, as far as its own log knows. */
  open(entity: string): Tenure | undefined {
    const last = this.#byEntity.get(entity)?.at(-1);
    return last?.until === null ? last : undefined;
  }
}
