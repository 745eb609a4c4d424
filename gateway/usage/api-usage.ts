import { createHmac, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { EventLog } from '../../engines/event-log/port.ts';
import type { Claims } from '../../runtime/identity.ts';
import { type ApiOutcome, type ApiUse, type LogIn, latencyEdgesMs } from '../../schema/api-use.ts';
import { topics } from '../../schema/topics.ts';
import { callerOf } from '../identity/caller.ts';

export interface ApiUsageOptions {
  /** All that is used of the log is `append`. */
  readonly log: Pick<EventLog, 'append'>;
  /** Keys the hashes that stand for callers. */
  readonly key: Uint8Array;
}

/** How long use gathers before it is written: well within the time that a clock's tick waits. */
const flushMs = 1_000;
/** Callers of one flush; the use of further ones is not told. */
const callersMax = 10_000;
const recordsMax = 500;

type Gathered = { -readonly [K in 'latencies' | 'outcomes' | 'logIns']: ApiUse[K] };

/** Who asks: the claims of a token, or else the network of an address. */
interface Caller {
  readonly claims: Claims | null;
  readonly address: string | undefined;
}

interface Watched extends Caller {
  readonly startedMs: number;
  claims: Claims | null;
  withErrors: boolean;
}

/**
 * Tells the event log, about once a second, how requests ended and how long they took, by caller and without saying of what. Private analytics are made of it; a log that cannot be reached loses
 * some of it, and holds up nobody.
 */
export class ApiUsage {
  readonly #log: ApiUsageOptions['log'];
  readonly #key: Uint8Array;
  readonly #logger: Logger;
  readonly #watched = new WeakMap<ServerResponse, Watched>();
  /** Names this process's records. */
  readonly #process = randomUUID();
  #gathered = new Map<string, Gathered>();
  #sinceMs = Date.now();
  #flushes = 0;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor({ log, key }: ApiUsageOptions, logger: Logger) {
    this.#log = log;
    this.#key = key;
    this.#logger = logger;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.flush(), flushMs).unref();
  }

  /** Writes what has gathered. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.flush();
  }

  /** Counts a request when its answer has been sent; one that is answered by events when {@link streaming} is called. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    const { remoteAddress: address } = request.socket;
    this.#watched.set(response, { startedMs: performance.now(), address, claims: null, withErrors: false });
    response.once('finish', () => this.#answered(request, response));
  }

  /** Whose request it is. */
  identified(response: ServerResponse, claims: Claims | null): void {
    const watched = this.#watched.get(response);
    if (watched) watched.claims = claims;
  }

  /** The answer tells errors, whatever its status. */
  failed(response: ServerResponse): void {
    const watched = this.#watched.get(response);
    if (watched) watched.withErrors = true;
  }

  /** The answer of a request begins to go out as events: how long that goes on is the client's affair. */
  streaming(request: IncomingMessage, response: ServerResponse, withErrors: boolean): void {
    const watched = this.#watched.get(response);
    if (!watched) return;
    this.#watched.delete(response);
    this.#ended(request, { ...watched, withErrors }, 200);
  }

  /** Counts an operation of a WebSocket: what became of it, milliseconds until it was answered or its stream open. */
  operated(who: Caller, outcome: ApiOutcome, ms: number): void {
    const use = this.#useOf(callerOf(who.claims, who.address));
    if (!use) return;
    const range = rangeOf(ms);
    use.latencies = use.latencies.map((count, n) => (n === range ? count + 1 : count));
    use.outcomes = withOne(use.outcomes, outcome);
  }

  /** What became of a token. It is counted for the network that it came from: who is refused has no name. */
  loggedIn(address: string | undefined, logIn: LogIn): void {
    const network = this.#useOf(callerOf(null, address));
    if (network) network.logIns = withOne(network.logIns, logIn);
  }

  /** Writes what has gathered, after what was being written. Never rejects. */
  flush(): Promise<void> {
    const [gathered, sinceMs] = [this.#gathered, this.#sinceMs];
    this.#gathered = new Map();
    this.#sinceMs = Date.now();
    if (gathered.size > 0) this.#writing = this.#writing.then(() => this.#write(gathered, sinceMs));
    return this.#writing;
  }

  async #write(gathered: ReadonlyMap<string, Gathered>, sinceMs: number): Promise<void> {
    const flush = (this.#flushes += 1);
    const records = [...gathered].map(([caller, use], n) => ({
      topic: topics.apiUse.name,
      key: 'live',
      id: `${this.#process}:${flush}:${n}`,
      value: JSON.stringify({ caller: this.#pseudonymOf(caller), wallUs: sinceMs * 1_000, ...use } satisfies ApiUse),
    }));
    try {
      for (let at = 0; at < records.length; at += recordsMax)
        await this.#log.append(records.slice(at, at + recordsMax));
    } catch (error) {
      this.#logger.warn({ err: error }, 'the use of the API could not be written: some of it is not counted');
    }
  }

  #pseudonymOf(caller: string): string {
    return createHmac('sha256', this.#key).update(caller).digest('hex').slice(0, 32);
  }

  #answered(request: IncomingMessage, response: ServerResponse): void {
    const watched = this.#watched.get(response);
    if (watched) this.#ended(request, watched, response.statusCode);
  }

  #ended(request: IncomingMessage, { startedMs, address, claims, withErrors }: Watched, status: number): void {
    const outcome = outcomeOf(status, withErrors);
    this.operated({ claims, address }, outcome, performance.now() - startedMs);
    if (request.headers.authorization === undefined) return;
    if (outcome === 'UNAUTHENTICATED') this.loggedIn(address, 'REFUSED');
    else if (claims) this.loggedIn(address, 'ACCEPTED');
  }

  #useOf(caller: string): Gathered | null {
    const known = this.#gathered.get(caller);
    if (known) return known;
    if (this.#gathered.size >= callersMax) return null;
    const use: Gathered = { latencies: latencyEdgesMs.slice(1).map(() => 0), outcomes: [], logIns: [] };
    this.#gathered.set(caller, use);
    return use;
  }
}

const withOne = <T>(list: readonly T[], one: T): T[] => (list.includes(one) ? [...list] : [...list, one]);

function rangeOf(ms: number): number {
  return latencyEdgesMs.slice(1, -1).filter((edge) => ms >= edge).length;
}

function outcomeOf(status: number, withErrors: boolean): ApiOutcome {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 429) return 'LIMITED';
  if (status >= 500) return 'UNAVAILABLE';
  if (status >= 400) return 'REFUSED';
  return withErrors ? 'ERRORS' : 'OK';
}
