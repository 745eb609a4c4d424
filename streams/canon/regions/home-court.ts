import type { CanonStatus } from '../../../schema/warehouse/tables.ts';
import { topics } from '../../../schema/topics.ts';
import { PartitionRunner } from '../../shared/partition-runner.ts';
import type { StateView } from '../../shared/state.ts';
import type { CanonOutputs } from '../reconsider.ts';
import type { Entry } from './entry.ts';
import { type Matter, homeProcessor } from './home-steps.ts';
import { type Tenure, TenureBook, subjectOf } from './tenure.ts';

/** A status that a home gave an event, with the entry of its log after which it had it. */
export interface JudgedStatus {
  readonly at: number;
  readonly seq: number;
  readonly status: CanonStatus;
}

export interface CourtOptions {
  readonly region: string;
  /** How long another region's event may contend for a place in a chain, in microseconds of the log's own time. */
  readonly contestUs: number;
  /** An event of any log by its id; whatever an entry names is held before the entry is. */
  readonly find: (eventId: string) => { readonly entry: Entry; readonly place: number } | undefined;
}

const removedRow = 'rows|';
const rejectedRow = 'rejected|';

/**
 * What one region, as the home of its entities, decided: the canon processor over its log. A function of the log alone, so every region that holds the
 * same log has the same statuses.
 */
export class HomeCourt {
  readonly tenures: TenureBook;
  readonly deadLetters: string[] = [];
  readonly #runner: PartitionRunner<Matter, CanonOutputs>;
  readonly #options: CourtOptions;
  readonly #statuses = new Map<string, JudgedStatus[]>();
  readonly #settled = new Map<string, number>();
  #matter: Matter | null = null;
  #timeUs = 0;

  constructor(options: CourtOptions) {
    this.#options = options;
    this.tenures = new TenureBook(options.region);
    this.#runner = new PartitionRunner(
      homeProcessor(options.contestUs, () => this.#matter),
      {
        changelog: 'changelog',
        partition: 0,
        nowMs: () => this.#timeUs / 1_000,
        onOutcome: (outcome, reason, record) => {
          if (outcome === 'deadLetter') this.deadLetters.push(`${reason} at ${record.offset}`);
        },
      },
    );
  }

  get state(): StateView {
    return this.#runner.state;
  }

  /** Takes the next entry of the log. */
  take(entry: Entry, at: number): void {
    this.tenures.take(entry, at);
    this.#timeUs = Math.max(this.#timeUs, entry.stored.hlc.wallUs);
    const { event } = entry;
    if (event.type.startsWith('region.')) {
      this.#handle({ kind: 'act', entry, at }, at);
      if (event.type === 'region.confirmed') this.#confirm(entry, at);
      return;
    }
    const term = this.tenures.open(subjectOf(entry));
    this.#handle(term ? { kind: 'event', entry, epoch: term.epoch, leaf: at, isAnew: false } : null, at);
  }

  /** The statuses that the home gave an event, oldest first. */
  statusesOf(eventId: string): readonly JudgedStatus[] {
    return this.#statuses.get(eventId) ?? [];
  }

  /** The entry after which the home could not decide otherwise about an event any more; undefined while it could. */
  settledAt(eventId: string): number | undefined {
    return this.#settled.get(eventId);
  }

  #confirm({ event }: Entry, at: number): void {
    if (event.type !== 'region.confirmed') return;
    const { eventId, eventHash, epoch } = event.payload;
    const found = this.#options.find(eventId);
    const term = found && this.tenures.open(subjectOf(found.entry));
    if (!term || found.entry.stored.hash !== eventHash) return;
    const judged = this.statusesOf(eventId).at(-1);
    const isAnew = judged !== undefined && judged.at < term.at;
    if (isAnew) this.#settled.delete(eventId);
    this.#handle({ kind: 'event', entry: found.entry, epoch, leaf: found.place, isAnew }, at);
  }

  #handle(matter: Matter | null, at: number): void {
    this.#matter = matter;
    const entry = matter?.entry;
    const record = {
      topic: topics.events.name,
      partition: 0,
      offset: at,
      key: entry?.stored.entity.id ?? '',
      id: entry?.stored.id ?? '',
      value: null,
      appendedAtMs: Math.floor(this.#timeUs / 1_000),
    };
    const yields = entry?.event.type === 'region.home-yielded';
    for (const { topic, key, value } of this.#runner.handle([record])) {
      if (topic === topics.canonStatus.name && value !== null) this.#note(key, at, value);
      if (yields || topic !== 'changelog') continue;
      if (key.startsWith(removedRow) && value === null) this.#settled.set(key.slice(removedRow.length), at);
      if (key.startsWith(rejectedRow) && value !== null) this.#settled.set(key.slice(rejectedRow.length), at);
    }
  }

  #note(eventId: string, at: number, value: string): void {
    const { seq, status } = JSON.parse(value) as Pick<JudgedStatus, 'seq' | 'status'>;
    const known = this.#statuses.get(eventId) ?? [];
    known.push({ at, seq, status });
    this.#statuses.set(eventId, known);
  }
}

/** The term of a region's log under which an event was written; 0 where the region was not its entity's home then. */
export function epochOf(tenures: readonly Tenure[], place: number): number {
  return tenures.find(({ at, until }) => at <= place && (until === null || place < until))?.epoch ?? 0;
}
