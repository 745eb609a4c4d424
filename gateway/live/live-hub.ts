import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import type { EventLog } from '../../engines/event-log/port.ts';
import type { Claims } from '../../runtime/identity.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';
import { topics } from '../../schema/topics.ts';
import type { Engine, EngineSource } from '../engine.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import type { Executable } from '../execution/executable.ts';
import type { ExecutionRequest, PreparedExecution } from '../execution/executor.ts';
import type { Metrics } from '../http/metrics.ts';
import { Channel } from './channel.ts';
import type { ChannelEvent } from './channel.ts';
import { createCursorSeal } from './cursor.ts';
import type { CursorSeal, Positions } from './cursor.ts';
import { EventAnswers } from './event-answers.ts';
import { checkGuard } from './guard.ts';
import { compileLiveOperation } from './live-operation.ts';
import type { LiveOperation, LiveSources } from './live-operation.ts';
import { LiveStream } from './live-stream.ts';
import type { Payload } from './live-stream.ts';
import { Places } from './places.ts';
import type { NoPlace } from './places.ts';
import { replay } from './replay.ts';
import { resumeFrom } from './resume.ts';
import { TopicTail } from './topic-tail.ts';
import type { Listening } from './topic-tail.ts';
import { upstreamFeed } from './upstream-feed.ts';
import type { UpstreamFeed } from './upstream-feed.ts';

export interface LiveHubOptions {
  readonly engines: EngineSource;
  /** Absent where there is no log to follow; every subscription is then refused. */
  readonly log: EventLog | undefined;
  readonly sources: LiveSources;
  /** Signs cursors: who has it can write one. */
  readonly cursorKey: Uint8Array;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly operationTimeoutMs: number;
  readonly queueMax: number;
  readonly subscriptionsMax: number;
  /** 0 does not limit. */
  readonly subscriptionsPerCallerMax: number;
  /** How often policies are asked again for subscriptions that are open, in milliseconds. */
  readonly policyRecheckMs: number;
}

interface OpenChannel {
  readonly channel: Channel;
  /** For channels of operations that a policy guards: whether it still lets the caller. Null for all others. */
  readonly recheck: (() => Promise<boolean>) | null;
  readonly listening: Promise<Listening>;
}

/** A subscription that is allowed, with all that opening it takes. */
interface Opening {
  readonly engine: Engine;
  readonly prepared: PreparedExecution;
  readonly log: EventLog;
  readonly operation: LiveOperation;
  readonly topic: string;
  readonly seal: CursorSeal;
  readonly answers: EventAnswers;
  /** Why a caller may not have it; null where they may. */
  readonly askGuard: (claims: Claims | null) => Promise<GraphQLError | null>;
}

/** Subscriptions: one tail per topic, one channel per (operation, variables, rights), one stream per subscriber. */
export class LiveHub {
  readonly #options: LiveHubOptions;
  readonly #generations = new WeakMap<Engine, number>();
  #generation = 0;
  readonly #operations = new WeakMap<Executable, LiveOperation>();
  readonly #tails = new Map<string, TopicTail>();
  readonly #channels = new Map<string, OpenChannel>();
  readonly #places: Places;
  /** Runs while a channel that a policy guards may be open. */
  #rechecking: NodeJS.Timeout | undefined;

  constructor(options: LiveHubOptions) {
    this.#options = options;
    this.#places = new Places({ max: options.subscriptionsMax, perCallerMax: options.subscriptionsPerCallerMax });
  }

  /**
   * Resolves once every event from now on will come, or with `resume` every event since that cursor; with the errors where the caller
   * cannot have the subscription. `caller`: whose it is, of whom there may be so many (`callerOf`).
   */
  async subscribe(
    request: ExecutionRequest,
    { caller, resume }: { readonly caller: string; readonly resume?: unknown },
  ): Promise<LiveStream | readonly GraphQLError[]> {
    const place = this.#places.take(caller);
    if ('limit' in place) {
      this.#options.metrics.subscriptionRefused(place.reached);
      return [noPlace(place)];
    }
    const stream = await this.#open(request, resume);
    if (!('next' in stream) || stream.isClosed()) place.leave();
    else stream.closed.addEventListener('abort', place.leave, { once: true });
    return stream;
  }

  async #open(request: ExecutionRequest, resume: unknown): Promise<LiveStream | readonly GraphQLError[]> {
    const { engines, log } = this.#options;
    const engine = engines.current;
    const prepared = await engine.executor.prepare(request);
    if ('errors' in prepared) return prepared.errors;
    if (!prepared.executable.plan.primary) return this.#refusal(prepared, engine);
    try {
      if (log) return await this.#subscribe(prepared, { engine, log, resume });
      const feed = upstreamFeed(prepared, engine);
      if (!feed) return [gatewayError('live events are not available here', { code: errorCodes.notLive })];
      if (resume !== undefined)
        return [gatewayError('this subscription cannot be resumed', { code: errorCodes.cursorInvalid })];
      return await this.#subscribeUpstream(prepared, { engine, feed });
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      this.#options.logger.error({ err: error }, 'a subscription could not be opened');
      return [gatewayError('live events are not available at the moment: try again', { code: errorCodes.notLive })];
    }
  }

  close(): void {
    clearTimeout(this.#rechecking);
    for (const { channel } of this.#channels.values()) channel.closeAll();
    for (const tail of this.#tails.values()) tail.close();
  }

  /** Nothing was planned: the caller may not read the subscription's field. Shaping says why. */
  async #refusal(prepared: PreparedExecution, engine: Engine): Promise<readonly GraphQLError[]> {
    const { errors } = await engine.executor.run(prepared, null, {});
    return errors ?? [gatewayError('there is nothing to subscribe to', { code: errorCodes.badRequest })];
  }

  async #subscribe(
    prepared: PreparedExecution,
    { engine, log, resume }: { readonly engine: Engine; readonly log: EventLog; readonly resume: unknown },
  ): Promise<LiveStream | readonly GraphQLError[]> {
    const { operationTimeoutMs, logger } = this.#options;
    const { claims } = prepared.request;
    const operation = this.#operationOf(prepared.executable, engine);
    const args = operation.argumentsFor(prepared.variables);
    const askGuard = (caller: Claims | null): Promise<GraphQLError | null> =>
      checkGuard(operation.source, args, {
        auth: { claims: caller, handshake: HANDSHAKE },
        timeoutMs: operationTimeoutMs,
        dependencies: engine.dependencies,
        rootKey: operation.rootKey,
      });
    const denial = await askGuard(claims);
    if (denial) return [denial];
    const topic = topics[operation.source.topic].name;
    const seal = createCursorSeal(this.#options.cursorKey, { topic, field: operation.field, args });
    const answers = new EventAnswers({ operation, prepared, args, executor: engine.executor, seal, logger });
    return this.#openStream({ prepared, engine, log, operation, topic, seal, answers, askGuard }, resume);
  }

  /** Joins those who already watch the same; the first of them subscribes at the subgraph. */
  async #subscribeUpstream(
    prepared: PreparedExecution,
    { engine, feed }: { readonly engine: Engine; readonly feed: UpstreamFeed },
  ): Promise<LiveStream> {
    const { claims } = prepared.request;
    const key = `${this.#generationOf(engine)} ${channelKey(prepared, claims)}`;
    const listen = async (channel: Channel): Promise<Listening> => {
      const upstream = await feed.open({
        event: (event) => channel.offer(event),
        end: (text) => {
          // Whoever comes now subscribes anew.
          if (this.#channels.get(key)?.channel === channel) this.#channels.delete(key);
          channel.finishAll(text);
        },
      });
      return { positions: () => [], leave: () => upstream.close() };
    };
    const open = this.#channels.get(key) ?? this.#openChannel(key, { engine, prepared }, listen);
    const stream = this.#streamOf(key, open);
    open.channel.add(stream, claims);
    open.channel.deliver(stream, stream, []);
    try {
      await open.listening;
    } catch (error) {
      stream.close();
      throw error;
    }
    return stream;
  }

  async #openStream(opening: Opening, resume: unknown): Promise<LiveStream> {
    const { prepared, log, operation, topic, seal } = opening;
    const from =
      resume === undefined ? null : await resumeFrom(resume, { seal, log, topic, rootKey: operation.rootKey });
    // Subscribers of an earlier supergraph go on with it.
    const key = `${this.#generationOf(opening.engine)} ${channelKey(prepared, prepared.request.claims)}`;
    const { answers } = opening;
    const listen = (channel: Channel): Promise<Listening> =>
      this.#tailOf(topic, log).listen((record, positions) => {
        const event = answers.eventOf(record, positions);
        if (event) channel.offer(this.#guarded(event, { key, channel, opening }));
      });
    const open = this.#channels.get(key) ?? this.#openChannel(key, opening, listen);
    const stream = this.#streamOf(key, open);
    open.channel.add(stream, prepared.request.claims);
    try {
      this.#begin(stream, { opening, channel: open.channel, listening: await open.listening, from });
    } catch (error) {
      stream.close();
      throw error;
    }
    return stream;
  }

  /** The same event. Where it is not for the caller, the guard is asked again: whoever may not watch any more is told so, instead of waiting for events that never come. */
  #guarded(
    event: ChannelEvent,
    { key, channel, opening }: { readonly key: string; readonly channel: Channel; readonly opening: Opening },
  ): ChannelEvent {
    if (!opening.operation.source.guard) return event;
    const answer = async (claims: Claims | null): Promise<Payload | null> => {
      const payload = await event.answer(claims);
      if (payload === null && isDenial(await opening.askGuard(claims))) {
        // Whoever comes now subscribes anew.
        if (this.#channels.get(key)?.channel === channel) this.#channels.delete(key);
        channel.finishAll(rightsChanged);
      }
      return payload;
    };
    return { ...event, answer };
  }

  #begin(
    stream: LiveStream,
    {
      opening: { log, topic, seal, answers, prepared },
      channel,
      listening: { positions },
      from,
    }: {
      readonly opening: Opening;
      readonly channel: Channel;
      readonly listening: Listening;
      readonly from: Positions | null;
    },
  ): void {
    const { logger, queueMax } = this.#options;
    stream.startCursor = seal.write(from ?? positions());
    if (!from) {
      channel.deliver(stream, stream, positions());
      return;
    }
    const { claims } = prepared.request;
    const source = { log, topic, answers, claims, tailPositions: positions, from };
    replay({ ...source, stream, channel, logger, heldMax: queueMax }).catch((error: unknown) => {
      logger.error({ err: error, topic }, 'a replay failed; its subscriber is let go');
      stream.close();
    });
  }

  #generationOf(engine: Engine): number {
    const known = this.#generations.get(engine);
    if (known !== undefined) return known;
    this.#generation += 1;
    this.#generations.set(engine, this.#generation);
    return this.#generation;
  }

  #operationOf(executable: Executable, engine: Engine): LiveOperation {
    const known = this.#operations.get(executable);
    if (known) return known;
    const { sources } = this.#options;
    const operation = compileLiveOperation(executable, {
      sources,
      supergraph: engine.supergraph,
      dependencies: engine.dependencies,
    });
    this.#operations.set(executable, operation);
    return operation;
  }

  #openChannel(
    key: string,
    { engine, prepared }: Pick<Opening, 'engine' | 'prepared'>,
    listen: (channel: Channel) => Promise<Listening>,
  ): OpenChannel {
    const { logger, queueMax } = this.#options;
    const channel = new Channel({ claims: prepared.request.claims, logger, backlogMax: queueMax });
    const listening = listen(channel);
    // Whoever waits for it is told; the rejection must not be nobody's meanwhile.
    listening.catch(() => {});
    const isGuarded = prepared.request.operation.requirements.some(({ anyOfPolicies }) => anyOfPolicies !== undefined);
    const recheck = isGuarded ? () => engine.executor.isCurrent(prepared) : null;
    const open = { channel, listening, recheck };
    this.#channels.set(key, open);
    if (recheck) this.#recheckLater();
    return open;
  }

  #recheckLater(): void {
    this.#rechecking ??= setTimeout(() => void this.#recheck(), this.#options.policyRecheckMs).unref();
  }

  /** Ends the subscriptions of callers about whom a policy decides differently by now. */
  async #recheck(): Promise<void> {
    const guarded = [...this.#channels.values()].filter(({ recheck }) => recheck !== null);
    for (const { channel, recheck } of guarded) {
      const isCurrent = await recheck?.().catch((error: unknown) => {
        this.#options.logger.error({ err: error }, 'a subscription could not be checked again: it is ended');
        return false;
      });
      if (isCurrent === false) channel.endAll(rightsChanged);
    }
    this.#rechecking = undefined;
    if ([...this.#channels.values()].some(({ recheck }) => recheck !== null)) this.#recheckLater();
  }

  #tailOf(topic: string, log: EventLog): TopicTail {
    let tail = this.#tails.get(topic);
    if (!tail) {
      tail = new TopicTail({ log, topic, logger: this.#options.logger });
      this.#tails.set(topic, tail);
    }
    return tail;
  }

  #streamOf(key: string, { channel, listening }: OpenChannel): LiveStream {
    const { metrics, queueMax } = this.#options;
    const stream = new LiveStream({
      queueMax,
      onDrop: () => metrics.lagged(1),
      onClose: () => {
        metrics.subscriptions(-1);
        channel.remove(stream);
        if (channel.size > 0) return;
        if (this.#channels.get(key)?.channel === channel) this.#channels.delete(key);
        void listening.then(({ leave }) => leave()).catch(() => {});
      },
    });
    metrics.subscriptions(1);
    return stream;
  }
}

function noPlace({ reached, limit }: NoPlace): GraphQLError {
  const message =
    reached === 'all'
      ? `${limit} subscriptions are open, no more are taken: try again later`
      : `you have ${limit} subscriptions open, and nobody may have more: end one of them first`;
  return gatewayError(message, { code: errorCodes.tooManySubscriptions, details: { limit } });
}

const rightsChanged = JSON.stringify({
  errors: [gatewayError('what you may see has changed: subscribe again', { code: errorCodes.forbidden })],
});

/** Whether a guard said no, rather than nothing: a subgraph that is away for a while ends no subscription. */
function isDenial(error: GraphQLError | null): boolean {
  const code = error?.extensions['code'];
  return code === errorCodes.forbidden || code === 'NOT_FOUND';
}

/** Everything that decides what a subscriber gets: the form of the operation, its variables, and who asks with which rights. */
function channelKey(prepared: PreparedExecution, claims: Claims | null): string {
  const caller = claims === null ? null : [claims.issuer, claims.subject, [...claims.scopes].sort()];
  const variables = Object.entries(prepared.variables).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([prepared.executable.key, variables, caller]);
}
