import { connect as connectTcp, isIP } from 'node:net';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Deadline } from './deadline.ts';
import { ResponseReader } from './response-reader.ts';
import type { HttpAnswer } from './response-reader.ts';

export interface ConnectionsOptions {
  readonly url: URL;
  readonly connectionsMax: number;
  /** How long a server may take to begin its answer, and between two parts of it, in milliseconds. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Of one body. */
  readonly responseBytesMax: number;
}

/** Why there is no answer: the connection could not be made, ended too early, or was silent for too long. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code: 'CONNECTION_CLOSED' | 'CONNECT_TIMEOUT' | 'ANSWER_TIMEOUT' | 'CLOSED_BY_US';
  constructor(code: ConnectionError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Exchange {
  readonly head: string;
  readonly body: string;
  readonly deadline: Deadline;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
  connection: Connection | null;
}

/** A connection that the server will close about now is not used any more, so that a request does not meet its end. */
const idleMarginMs = 1_000;
const readBytes = 64 * 1024;

/**
 * Kept-alive HTTP/1.1 connections to one server, each with one request at a time. What goes over them is a POST whose head is made by its
 * sender, so that one write sends all of it, and what comes back is read out of one buffer as it comes: of a gateway's processor time, general
 * HTTP clients take more than anything else in it does (`npm run bench -- gateway --prof`).
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Set<Connection>();
  readonly #idle: Connection[] = [];
  #cooling: Connection[] = [];
  readonly #waiting: Exchange[] = [];
  readonly #buffer = Buffer.allocUnsafeSlow(readBytes);
  #whenEmpty: (() => void) | null = null;
  #isClosed = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /**
   * Sends a request. `head` is everything up to the value of `content-length`, which has to be its last field. Rejects with a `ConnectionError`, a
   * `ResponseError`, an error of the system, or with the deadline's error as soon as that passes.
   */
  post(head: string, body: string, deadline: Deadline): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new ConnectionError('CLOSED_BY_US', 'the connections are closed'));
        return;
      }
      if (deadline.error) {
        reject(deadline.error);
        return;
      }
      const giveUp = (error: Error): void => this.#giveUp(exchange, error);
      const exchange: Exchange = {
        head,
        body,
        deadline,
        connection: null,
        resolve: (answer) => {
          deadline.off(giveUp);
          resolve(answer);
        },
        reject: (error) => {
          deadline.off(giveUp);
          reject(error);
        },
      };
      this.#start(exchange);
      deadline.on(giveUp);
    });
  }

  /** Takes no more requests; resolves when those that run have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const connection of [...this.#idle, ...this.#cooling]) connection.destroy();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  #start(exchange: Exchange): void {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.isUsable) {
        connection.send(exchange);
        return;
      }
      connection.destroy();
    }
    // One that just answered is free in a moment.
    if (this.#cooling.length > this.#waiting.length || this.#open.size >= this.#options.connectionsMax)
      this.#waiting.push(exchange);
    else this.#connect(exchange);
  }

  #connect(exchange: Exchange): void {
    const connection = new Connection(this.#options, this.#buffer, {
      free: () => this.#cool(connection),
      gone: () => this.#remove(connection),
    });
    this.#open.add(connection);
    connection.send(exchange);
  }

  /**
   * A connection is free only after the event loop has looked for what else came over it, so that the end of the connection, or bytes that nobody
   * asked for, are seen before a request goes out whose answer they would be taken for.
   */
  #cool(connection: Connection): void {
    if (this.#cooling.push(connection) === 1) setImmediate(() => this.#release());
  }

  #release(): void {
    const cooled = this.#cooling;
    this.#cooling = [];
    for (const connection of cooled) {
      if (!this.#open.has(connection)) continue;
      if (this.#isClosed || !connection.isUsable) {
        connection.destroy();
        continue;
      }
      const next = this.#waiting.shift();
      if (next) connection.send(next);
      else {
        connection.rest();
        this.#idle.push(connection);
      }
    }
    this.#serveWaiting();
  }

  #remove(connection: Connection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#serveWaiting();
    if (this.#open.size === 0) this.#whenEmpty?.();
  }

  #serveWaiting(): void {
    while (
      this.#waiting.length > this.#cooling.filter((connection) => this.#open.has(connection)).length &&
      this.#open.size < this.#options.connectionsMax
    ) {
      const next = this.#waiting.shift();
      if (next) this.#connect(next);
    }
  }

  #giveUp(exchange: Exchange, error: Error): void {
    const at = this.#waiting.indexOf(exchange);
    if (at >= 0) this.#waiting.splice(at, 1);
    exchange.reject(error);
    exchange.connection?.destroy();
  }
}

interface Owner {
  /** The answer is there, and another request may follow. */
  readonly free: () => void;
  readonly gone: () => void;
}

class Connection {
  readonly #socket: Socket;
  readonly #reader: ResponseReader;
  readonly #owner: Owner;
  readonly #buffer: Buffer;
  #exchange: Exchange | null = null;
  #failure: Error | null = null;
  #isEnded = false;
  #usableUntilMs = Number.POSITIVE_INFINITY;

  constructor(options: ConnectionsOptions, buffer: Buffer, owner: Owner) {
    this.#owner = owner;
    this.#buffer = buffer;
    this.#reader = new ResponseReader(options.responseBytesMax);
    const { timeoutMs, connectTimeoutMs } = options;
    this.#socket = connect(options.url, {
      buffer,
      callback: (bytes) => {
        this.#receive(bytes);
        return true;
      },
    });
    const ready = options.url.protocol === 'https:' ? 'secureConnect' : 'connect';
    const late = setTimeout(
      () => this.#fail(new ConnectionError('CONNECT_TIMEOUT', `no connection within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    this.#socket.once(ready, () => clearTimeout(late));
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(timeoutMs, () =>
      this.#fail(new ConnectionError('ANSWER_TIMEOUT', `nothing came for ${timeoutMs} ms`)),
    );
    this.#socket.on('error', (error) => (this.#failure ??= error));
    this.#socket.on('end', () => (this.#isEnded = true));
    this.#socket.on('close', () => {
      clearTimeout(late);
      this.#close();
    });
  }

  get isUsable(): boolean {
    const { destroyed, writable } = this.#socket;
    return !destroyed && writable && !this.#isEnded && performance.now() < this.#usableUntilMs;
  }

  send(exchange: Exchange): void {
    exchange.connection = this;
    this.#exchange = exchange;
    this.#socket.ref();
    const { head, body } = exchange;
    const bytes = Buffer.byteLength(body);
    // As many bytes as characters: plain ASCII, which takes no encoding.
    this.#socket.write(`${head}${bytes}\r\n\r\n${body}`, bytes === body.length ? 'latin1' : 'utf8');
  }

  /** Does not keep the process alive while nothing is asked. */
  rest(): void {
    this.#socket.unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(bytes: number): void {
    // Nobody asked: whatever this is, it must not become the answer to the next question.
    if (this.#exchange === null) {
      this.#socket.destroy();
      return;
    }
    let answer: HttpAnswer | null;
    try {
      answer = this.#reader.push(this.#buffer.subarray(0, bytes));
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (answer !== null) this.#answer(answer);
  }

  #answer(answer: HttpAnswer): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    const { mayStay, idleMs } = this.#reader;
    this.#usableUntilMs = idleMs === null ? Number.POSITIVE_INFINITY : performance.now() + idleMs - idleMarginMs;
    if (mayStay) this.#owner.free();
    else this.#socket.destroy();
    exchange?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
  }

  #close(): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#owner.gone();
    if (!exchange) return;
    const closed = new ConnectionError('CONNECTION_CLOSED', 'the connection ended before the answer did');
    if (this.#failure) {
      exchange.reject(this.#failure);
      return;
    }
    let answer: HttpAnswer | null = null;
    try {
      answer = this.#reader.end();
    } catch {
      // Told as an answer that did not come: it may be asked for again.
    }
    if (answer) exchange.resolve(answer);
    else exchange.reject(closed);
  }
}

function connect(url: URL, onread: NonNullable<TcpNetConnectOpts['onread']>): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'http:') return connectTcp({ host, port: Number(url.port || 80), onread });
  const servername = isIP(host) ? {} : { servername: host };
  // `onread` is an option of `tls.connect` (Node documentation); its types do not have it yet.
  return connectTls({ host, port: Number(url.port || 443), ALPNProtocols: ['http/1.1'], ...servername, ...{ onread } });
}
