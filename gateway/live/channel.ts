import type { Logger } from 'pino';
import type { Claims } from '../../runtime/identity.ts';
import type { Positions } from './cursor.ts';
import type { LiveStream, Payload } from './live-stream.ts';

export interface ChannelOptions {
  readonly claims: Claims | null;
  readonly logger: Logger;
  /** Events that may wait for their execution; then the oldest goes. */
  readonly backlogMax: number;
}

/** Where a channel's payloads go: to a stream, or to what holds them back until a replay is done. */
export interface Sink {
  push(payload: Payload): void;
  /** Told of payloads that will not come. */
  drop(count: number): void;
}

interface Delivery {
  readonly sink: Sink;
  /** Records before these are not for this member. */
  readonly from: Positions;
}

/** Something that happened and is to be told, at its place among all that does. */
export interface ChannelEvent {
  readonly partition: number;
  readonly offset: number;
  /** Makes what members read of it; null where it is not for them. Rejects where it cannot be told. */
  readonly answer: (claims: Claims | null) => Promise<Payload | null>;
}

/** One execution per event for everybody who watches the same thing with the same rights, in the order in which events come. */
export class Channel {
  readonly #options: ChannelOptions;
  /** Null while a member is not to get anything yet. */
  readonly #members = new Map<LiveStream, Delivery | null>();
  readonly #backlog: ChannelEvent[] = [];
  /** Ends the members once what waits was told. */
  #finish: (() => void) | null = null;
  #claims: Claims | null;
  #running = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#claims = options.claims;
  }

  get size(): number {
    return this.#members.size;
  }

  /**
   * Makes a stream a member, which keeps the channel open; `deliver` begins. Callers of one channel differ in nothing but how long
   * their tokens last: the one that lasts longest is passed on.
   */
  add(stream: LiveStream, claims: Claims | null): void {
    this.#members.set(stream, null);
    if (claims && this.#claims && claims.expiresAt > this.#claims.expiresAt) this.#claims = claims;
  }

  /** From now on the member's payloads go to `sink`, those of records at or after `from`. Nothing happens once it has left. */
  deliver(stream: LiveStream, sink: Sink, from: Positions): void {
    if (this.#members.has(stream)) this.#members.set(stream, { sink, from });
  }

  remove(stream: LiveStream): void {
    this.#members.delete(stream);
    if (this.#members.size === 0) this.#backlog.length = 0;
  }

  closeAll(): void {
    for (const stream of this.#members.keys()) stream.close();
  }

  /** Ends every member's stream with a result that says why. */
  endAll(text: string): void {
    for (const stream of this.#members.keys()) stream.end(text);
  }

  /** Ends every member's stream as soon as it has all that came before, with a last result where there is one. */
  finishAll(text: string | null): void {
    this.#finish = () => {
      for (const stream of this.#members.keys()) stream.finish(text);
    };
    if (!this.#running) this.#finish();
  }

  /** Takes an event. */
  offer(event: ChannelEvent): void {
    this.#backlog.push(event);
    if (this.#backlog.length > this.#options.backlogMax) {
      const oldest = this.#backlog.shift();
      if (oldest) this.#drop(oldest);
    }
    if (!this.#running) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#running = true;
    try {
      for (let next = this.#backlog.shift(); next; next = this.#backlog.shift()) await this.#answer(next);
    } finally {
      this.#running = false;
      this.#finish?.();
    }
  }

  async #answer(event: ChannelEvent): Promise<void> {
    try {
      const payload = await event.answer(this.#claims);
      if (payload) for (const sink of this.#sinksOf(event)) sink.push(payload);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a live event could not be answered');
      this.#drop(event);
    }
  }

  #drop(event: ChannelEvent): void {
    for (const sink of this.#sinksOf(event)) sink.drop(1);
  }

  *#sinksOf({ partition, offset }: ChannelEvent): Generator<Sink> {
    for (const delivery of this.#members.values())
      if (delivery && offset >= (delivery.from[partition] ?? 0)) yield delivery.sink;
  }
}
