import type { RawData, WebSocket } from 'ws';
import type { Claims } from '../../runtime/identity.ts';
import type { ApiOutcome } from '../../schema/api-use.ts';
import { errorCodes } from '../errors.ts';
import { authenticateConnection } from '../identity/bearer.ts';
import { TokenError, tokenRevoked } from '../identity/token-verifier.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import { IdentityUnavailableError } from '../identity/unavailable.ts';
import type { Admission } from '../operations/admission.ts';
import { textOf as operationTextOf } from '../operations/persisted.ts';
import type { PersistedOperations } from '../operations/persisted.ts';
import { callerOf } from '../identity/caller.ts';
import type { LiveStream } from './live-stream.ts';
import { operate } from './operate.ts';
import type { LiveAnswer, OperateOptions } from './operate.ts';
import { closeCodes, readClientMessage } from './websocket-messages.ts';
import type { ClientMessage } from './websocket-messages.ts';

export interface ConnectionOptions extends OperateOptions {
  readonly verifier: TokenVerifier;
  readonly admission: Admission;
  readonly persisted: PersistedOperations | undefined;
  readonly initTimeoutMs: number;
  readonly subscriptionsPerSocketMax: number;
  readonly onFailure: (error: unknown) => void;
}

/** `setTimeout` takes no more than this; a token that lasts longer is looked at again then. */
const timerMsMax = 2_147_483_647;
/** The protocol of WebSockets has room for this many bytes of reason. */
const reasonCharactersMax = 120;

type Subscribe = Extract<ClientMessage, { type: 'subscribe' }>;

interface Running {
  /** Null while the operation is being prepared or answered once. */
  stream: LiveStream | null;
}

/** One client speaking graphql-transport-ws. */
export class WebSocketConnection {
  readonly #socket: WebSocket;
  readonly #address: string | undefined;
  readonly #options: ConnectionOptions;
  /** By the client's id, which stands for another operation once the client has completed one. */
  readonly #operations = new Map<string, Running>();
  #state: 'new' | 'initialising' | 'ready' = 'new';
  #claims: Claims | null = null;
  /** Told when the socket is closed because the server stops; null while it does not. */
  #farewell: string | null = null;
  /** Waits for the first message, then for the token's end. */
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, address: string | undefined, options: ConnectionOptions) {
    this.#socket = socket;
    this.#address = address;
    this.#options = options;
    this.#timer = setTimeout(
      () => this.close(closeCodes.initTimeout, 'Connection initialisation timeout'),
      options.initTimeoutMs,
    );
    socket.on('message', (data) => {
      this.#receive(textOf(data));
    });
    socket.on('close', () => this.#dispose());
    // The close event follows; what the error was is the client's affair.
    socket.on('error', () => {});
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason.slice(0, reasonCharactersMax));
  }

  /** Ends the subscriptions, and the socket as soon as no operation with one answer runs on it any more. */
  goAway(reason: string): void {
    this.#farewell = reason;
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (this.#farewell === null || [...this.#operations.values()].some(({ stream }) => stream === null)) return;
    this.close(closeCodes.goingAway, this.#farewell);
    this.#dispose();
  }

  /** Ends the socket where its token was revoked. */
  closeIfRevoked(): void {
    if (!this.#claims || !this.#options.verifier.isRevoked(this.#claims)) return;
    this.close(closeCodes.forbidden, `Forbidden: ${tokenRevoked}`);
    // The client may take its time to close its side: nothing goes on meanwhile.
    this.#dispose();
  }

  #dispose(): void {
    clearTimeout(this.#timer);
    for (const { stream } of this.#operations.values()) stream?.close();
    this.#operations.clear();
  }

  #receive(text: string): void {
    // Who is being closed is not served any more, however long it takes to answer the close.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const message = readClientMessage(text);
    if (typeof message === 'string') {
      this.close(closeCodes.badMessage, message);
      return;
    }
    switch (message.type) {
      case 'connection_init':
        return void this.#initialise(message.payload).catch(this.#options.onFailure);
      case 'ping':
        return void this.#send(
          JSON.stringify({ type: 'pong', ...(message.payload ? { payload: message.payload } : {}) }),
        );
      case 'pong':
        return;
      case 'subscribe': {
        this.#subscribe(message);
        return;
      }
      case 'complete': {
        this.#complete(message.id);
        return;
      }
    }
  }

  async #initialise(payload: unknown): Promise<void> {
    if (this.#state !== 'new') {
      this.close(closeCodes.tooManyInits, 'Too many initialisation requests');
      return;
    }
    this.#state = 'initialising';
    const { usage, verifier } = this.#options;
    try {
      this.#claims = await authenticateConnection(verifier, payload);
      if (this.#claims) usage?.loggedIn(this.#address, 'ACCEPTED');
    } catch (error) {
      if (error instanceof TokenError) {
        usage?.loggedIn(this.#address, 'REFUSED');
        this.close(closeCodes.forbidden, `Forbidden: ${error.message}`);
      } else if (error instanceof IdentityUnavailableError) this.close(closeCodes.tryAgainLater, error.message);
      else throw error;
      return;
    }
    this.#state = 'ready';
    clearTimeout(this.#timer);
    this.#awaitExpiry();
    this.closeIfRevoked();
    await this.#send('{"type":"connection_ack"}');
  }

  #awaitExpiry(): void {
    if (!this.#claims) return;
    const leftMs = this.#claims.expiresAt - Date.now();
    if (leftMs <= 0) {
      this.close(closeCodes.forbidden, 'Forbidden: the token expired');
      return;
    }
    this.#timer = setTimeout(() => this.#awaitExpiry(), Math.min(leftMs, timerMsMax));
  }

  #subscribe(message: Subscribe): void {
    if (this.#state !== 'ready') {
      this.close(closeCodes.unauthorised, 'Unauthorized');
      return;
    }
    if (this.#operations.has(message.id)) {
      this.close(closeCodes.subscriberExists, `Subscriber for ${message.id} already exists`);
      return;
    }
    // A client that did not read the close yet asks the next server again.
    if (this.#farewell !== null) return;
    const limit = this.#options.subscriptionsPerSocketMax;
    if (this.#operations.size >= limit) {
      this.close(closeCodes.badMessage, `more than ${limit} operations at once on one socket`);
      return;
    }
    const running: Running = { stream: null };
    this.#operations.set(message.id, running);
    this.#operate(message, running)
      .catch((error: unknown) => {
        this.#options.onFailure(error);
        this.#socket.terminate();
      })
      .finally(() => this.#closeWhenIdle());
  }

  #complete(id: string): void {
    this.#operations.get(id)?.stream?.close();
    this.#operations.delete(id);
  }

  async #operate({ id, payload }: Subscribe, running: Running): Promise<void> {
    const startedMs = performance.now();
    const answer = await this.#answer(payload);
    const who = { claims: this.#claims, address: this.#address };
    this.#options.usage?.operated(who, outcomeOf(answer), performance.now() - startedMs);
    // The client may have completed it, or left, while it was being prepared.
    if (this.#operations.get(id) !== running) {
      if (answer.kind === 'stream') answer.stream.close();
      return;
    }
    const idText = JSON.stringify(id);
    if (answer.kind === 'refused') {
      this.#operations.delete(id);
      await this.#send(`{"id":${idText},"type":"error","payload":${JSON.stringify(answer.errors)}}`);
      return;
    }
    if (answer.kind === 'single') await this.#send(`{"id":${idText},"type":"next","payload":${answer.text}}`);
    else {
      running.stream = answer.stream;
      await this.#forward(idText, answer.stream);
    }
    if (this.#operations.get(id) !== running) return;
    this.#operations.delete(id);
    await this.#send(`{"id":${idText},"type":"complete"}`);
  }

  async #answer(payload: Subscribe['payload']): Promise<LiveAnswer> {
    const { operationName, extensions } = payload;
    const query = operationTextOf(payload, this.#options.persisted) ?? '';
    if (typeof query !== 'string') return { kind: 'refused', errors: [query] };
    const caller = callerOf(this.#claims, this.#address);
    const asked = { caller, query, operationName, variables: payload.variables ?? {} };
    const { error } = this.#options.admission.admit(asked);
    if (error) return { kind: 'refused', errors: [error] };
    return operate({ ...asked, claims: this.#claims, resume: extensions?.['resume'] }, this.#options);
  }

  /** The next payload is taken when the last one has left: what waits meanwhile is the stream's bounded queue. */
  async #forward(idText: string, stream: LiveStream): Promise<void> {
    this.#closeWhenIdle();
    const prefix = `{"id":${idText},"type":"next","payload":`;
    for await (const { text } of stream) await this.#send(`${prefix}${text}}`);
  }

  /** Resolves when the message is with the operating system, or will never be. */
  async #send(text: string): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    await new Promise<void>((resolve) => this.#socket.send(text, () => resolve()));
  }
}

function outcomeOf(answer: LiveAnswer): ApiOutcome {
  if (answer.kind === 'refused')
    return answer.errors[0]?.extensions['code'] === errorCodes.rateLimited ? 'LIMITED' : 'REFUSED';
  return answer.kind === 'single' && answer.hasErrors ? 'ERRORS' : 'OK';
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
