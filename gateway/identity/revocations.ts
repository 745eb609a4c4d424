import type { Logger } from 'pino';
import type { EventLog } from '../../engines/event-log/port.ts';
import { TOKEN_AGE_S_MAX } from '../../runtime/issuer.ts';
import { readRevocation, revocationKey, revocationRecord, subjectIdOf } from '../../schema/revocations.ts';
import type { Revocation } from '../../schema/revocations.ts';
import { topics } from '../../schema/topics.ts';
import { pause } from '../live/pause.ts';
import { TopicTail } from '../live/topic-tail.ts';
import { IdentityUnavailableError } from './unavailable.ts';

export interface RevocationsOptions {
  readonly log: EventLog;
  /** Hashes subjects: `revocationKeyOf`. */
  readonly key: Uint8Array;
  readonly logger: Logger;
  readonly clock?: () => number;
}

/** What of a verified token decides whether it was revoked. `issuedAt` is in milliseconds since the Unix epoch. */
export interface TokenFacts {
  readonly tokenId: string;
  readonly subjectId: string;
  readonly issuedAt: number;
}

type SubjectRevocation = Extract<Revocation, { readonly kind: 'SUBJECT' }>;

const topic = topics.revocations.name;
const pageRecords = 1_000;
const backoffMsMax = 5_000;
const sweepMs = 3_600_000;
const loadMsMax = 5_000;

/**
 * Which tokens are refused before they expire. All of the topic is read at start and followed from then on; nothing is kept for longer
 * than a token of that time could be good, and what is over is deleted from the log as well.
 */
export class Revocations {
  readonly #options: RevocationsOptions;
  readonly #clock: () => number;
  readonly #tail: TopicTail;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  /** When each may be forgotten. */
  readonly #tokens = new Map<string, number>();
  /** The newest of each subject. */
  readonly #subjects = new Map<string, SubjectRevocation>();
  /** By key, those of which a newer one is known: they only wait to be deleted. */
  readonly #superseded = new Map<string, number>();
  readonly #loaded = Promise.withResolvers<true>();
  #isLoaded = false;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(options: RevocationsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#tail = new TopicTail({ log: options.log, topic, logger: options.logger });
  }

  /** Tokens and subjects that are remembered now. */
  get size(): number {
    return this.#tokens.size + this.#subjects.size;
  }

  /** Begins to read the log; goes on trying while it is away. `loaded` tells when it is done. */
  start(): void {
    void this.#load();
    this.#sweeping = setInterval(() => void this.#sweep(), sweepMs).unref();
  }

  /** Resolves once everything that was revoked before is known. Rejects with {@link IdentityUnavailableError} when that takes too long. */
  async loaded(): Promise<void> {
    if (this.#isLoaded) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new IdentityUnavailableError('whether the token was revoked cannot be known at the moment');
      timer = setTimeout(() => reject(error), loadMsMax);
    });
    await Promise.race([this.#loaded.promise, late]).finally(() => clearTimeout(timer));
  }

  subjectIdOf(identity: string): string {
    return subjectIdOf(this.#options.key, identity);
  }

  isRevoked({ tokenId, subjectId, issuedAt }: TokenFacts): boolean {
    if (this.#tokens.has(tokenId)) return true;
    const subject = this.#subjects.get(subjectId);
    return subject !== undefined && issuedAt <= subject.issuedUntilMs;
  }

  /** Calls back whenever something was revoked. */
  onRevoked(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Revokes one token for every gateway of the log. Durable, and refused here, when it resolves. */
  async revokeToken(tokenId: string, expiresAtMs: number): Promise<void> {
    await this.#append({ kind: 'TOKEN', tokenId, untilMs: expiresAtMs });
  }

  /** The same for every token of a subject that was issued until now. */
  async revokeSubject(subjectId: string): Promise<void> {
    const issuedUntilMs = this.#clock();
    const untilMs = issuedUntilMs + TOKEN_AGE_S_MAX * 1_000;
    await this.#append({ kind: 'SUBJECT', subjectId, issuedUntilMs, untilMs });
  }

  close(): void {
    this.#closing.abort();
    clearInterval(this.#sweeping);
    this.#listeners.clear();
    this.#tail.close();
  }

  async #append(revocation: Revocation): Promise<void> {
    await this.#options.log.append([revocationRecord(revocation)]);
    // The tail brings it as well, but whoever asked for it is to find it done.
    this.#take(revocation);
  }

  async #load(): Promise<void> {
    const { log, logger } = this.#options;
    const { signal } = this.#closing;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const { positions } = await this.#tail.listen(({ value }) => this.#read(value));
        const ends = positions();
        for (const [partition, end] of ends.entries()) {
          for (let from = 0; from < end;) {
            const records = await log.read({ topic, partition, from, limit: pageRecords });
            for (const { value } of records) this.#read(value);
            from = (records.at(-1)?.offset ?? end) + 1;
          }
        }
        this.#isLoaded = true;
        this.#loaded.resolve(true);
        await this.#sweep();
        return;
      } catch (error) {
        this.#tail.close();
        logger.warn({ err: error }, 'revoked tokens could not be read; trying again');
        await pause(Math.min(50 * 2 ** failures, backoffMsMax), signal);
      }
    }
  }

  #read(value: string | null): void {
    const revocation = value === null ? null : readRevocation(value);
    if (revocation) this.#take(revocation);
    else if (value !== null)
      this.#options.logger.error('a record of the revocations cannot be read: it is passed over');
  }

  #take(revocation: Revocation): void {
    if (revocation.kind === 'TOKEN') this.#tokens.set(revocation.tokenId, revocation.untilMs);
    else this.#takeSubject(revocation);
    for (const listener of this.#listeners) listener();
  }

  #takeSubject(revocation: SubjectRevocation): void {
    const known = this.#subjects.get(revocation.subjectId);
    if (known?.issuedUntilMs === revocation.issuedUntilMs) return;
    const [older, newer] =
      known && known.issuedUntilMs > revocation.issuedUntilMs ? [revocation, known] : [known, revocation];
    this.#subjects.set(newer.subjectId, newer);
    if (older) this.#superseded.set(revocationKey(older), older.untilMs);
  }

  /** Forgets what is over. The log drops it too: a record without a value deletes its key. */
  async #sweep(): Promise<void> {
    // A verifier's clock may be behind by the tolerance that tokens have.
    const nowMs = this.#clock() - 60_000;
    const keys: string[] = [];
    for (const [tokenId, untilMs] of this.#tokens) {
      if (untilMs < nowMs && this.#tokens.delete(tokenId))
        keys.push(revocationKey({ kind: 'TOKEN', tokenId, untilMs }));
    }
    for (const [subjectId, subject] of this.#subjects) {
      if (subject.untilMs < nowMs && this.#subjects.delete(subjectId)) keys.push(revocationKey(subject));
    }
    for (const [key, untilMs] of this.#superseded) {
      if (untilMs < nowMs && this.#superseded.delete(key)) keys.push(key);
    }
    try {
      for (let at = 0; at < keys.length; at += pageRecords)
        await this.#options.log.append(
          keys.slice(at, at + pageRecords).map((key) => ({ topic, key, id: `${key}|over`, value: null })),
        );
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'revocations that are over stay in the log for now');
    }
  }
}
