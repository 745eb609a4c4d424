/** One answer of an HTTP server. */
export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The body, read as UTF-8. */
  readonly text: string;
}

/** What came is no answer of HTTP/1.1, or is one that is not taken: the connection cannot be used any more. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError';
}

type State = 'head' | 'length' | 'close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers';

const headBytesMax = 64 * 1024;
const lineBytesMax = 4 * 1024;
/** Answers such as 103 that may come before the one that counts. */
const interimMax = 8;

/**
 * Reads the answers that come over one connection, one after the other (RFC 9112). It is strict where two readers could disagree on where an
 * answer ends: a body has one length, and what comes after it without having been asked for ends the connection's use.
 */
export class ResponseReader {
  readonly #bytesMax: number;
  #state: State = 'head';
  /** The beginning of what is not complete yet: a head, or a line. */
  #rest: Buffer | null = null;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #left = 0;
  #interim = 0;
  #trailerBytes = 0;
  #status = 0;
  #retryAfter: string | undefined;
  #mayStay = true;
  #idleMs: number | null = null;

  /** `bytesMax`: of one body. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether another request may follow on the connection after the last answer. */
  get mayStay(): boolean {
    return this.#mayStay;
  }

  /** How long the server keeps the connection when nothing is asked, in milliseconds; null where it did not say. */
  get idleMs(): number | null {
    return this.#idleMs;
  }

  /** Takes what came, and keeps nothing of `bytes` itself. Gives the answer once it is whole. Throws `ResponseError`. */
  push(bytes: Buffer): HttpAnswer | null {
    const data = this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = null;
    let at = 0;
    for (;;) {
      switch (this.#state) {
        case 'head': {
          const end = data.indexOf('\r\n\r\n', at);
          if (end < 0) return this.#keep(data, at, headBytesMax, 'head');
          const isWhole = this.#readHead(data.toString('latin1', at, end));
          at = end + 4;
          if (isWhole) return this.#finish('', at < data.length);
          break;
        }
        case 'length':
        case 'chunk': {
          const end = at + this.#left;
          if (this.#state === 'length' && this.#body.length === 0 && end <= data.length)
            return this.#finish(data.toString('utf8', at, end), end < data.length);
          if (at === data.length) return null;
          at += this.#take(data.subarray(at, end));
          if (this.#left > 0) return null;
          if (this.#state === 'length') return this.#finish(this.#text(), at < data.length);
          this.#state = 'chunk-end';
          break;
        }
        case 'close': {
          this.#left = data.length - at;
          this.#take(data.subarray(at));
          return null;
        }
        default: {
          const end = data.indexOf('\r\n', at);
          if (end < 0) return this.#keep(data, at, lineBytesMax, 'line');
          const line = data.toString('latin1', at, end);
          at = end + 2;
          if (this.#readLine(line)) return this.#finish(this.#text(), at < data.length);
        }
      }
    }
  }

  /** The connection ended: gives an answer whose end that is. Throws `ResponseError` where one was not whole. */
  end(): HttpAnswer | null {
    if (this.#state === 'close') return this.#finish(this.#text(), true);
    if (this.#state === 'head' && this.#rest === null) return null;
    throw new ResponseError('the connection ended within an answer');
  }

  #keep(data: Buffer, at: number, bytesMax: number, what: string): null {
    if (data.length - at > bytesMax) throw new ResponseError(`the ${what} has more than ${bytesMax} bytes`);
    if (at < data.length) this.#rest = Buffer.from(data.subarray(at));
    return null;
  }

  /** Takes a part of the body; gives its length. */
  #take(part: Buffer): number {
    this.#count(part.length);
    this.#body.push(Buffer.from(part));
    this.#left -= part.length;
    return part.length;
  }

  #count(bytes: number): void {
    this.#bodyBytes += bytes;
    if (this.#bodyBytes > this.#bytesMax) throw new ResponseError(`the body has more than ${this.#bytesMax} bytes`);
  }

  #text(): string {
    return Buffer.concat(this.#body).toString('utf8');
  }

  #finish(text: string, hasMore: boolean): HttpAnswer {
    // Nothing was asked for that this could be the answer to.
    if (hasMore) this.#mayStay = false;
    const answer = { status: this.#status, retryAfter: this.#retryAfter, text };
    this.#state = 'head';
    this.#interim = 0;
    if (this.#bodyBytes > 0) {
      this.#body = [];
      this.#bodyBytes = 0;
    }
    return answer;
  }

  /** A line between the parts of a chunked body. True at its end. */
  #readLine(line: string): boolean {
    if (this.#state === 'trailers') {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > headBytesMax) throw new ResponseError(`trailers of more than ${headBytesMax} bytes`);
      return line === '';
    }
    if (this.#state === 'chunk-end') {
      if (line !== '') throw new ResponseError('a chunk is longer than its size');
      this.#state = 'chunk-size';
      return false;
    }
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(line)?.[1];
    if (size === undefined) throw new ResponseError('the size of a chunk is malformed');
    this.#left = Number.parseInt(size, 16);
    this.#trailerBytes = 0;
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return false;
  }

  /** True where the answer ends with its head. */
  #readHead(head: string): boolean {
    const lines = head.split('\r\n');
    const [, minor, digits] = /^HTTP\/1\.([01]) ([1-9]\d{2})(?: |$)/.exec(lines[0] ?? '') ?? [];
    if (digits === undefined) throw new ResponseError('the status line is malformed');
    const status = Number(digits);
    const fields = readFields(lines);
    if (status < 200) {
      this.#interim += 1;
      if (status === 101 || this.#interim > interimMax) throw new ResponseError(`an answer of status ${status}`);
      return false;
    }
    this.#status = status;
    this.#retryAfter = fields.retryAfter;
    this.#mayStay = minor === '1' && !/\bclose\b/i.test(fields.connection);
    this.#idleMs = fields.idleS === null ? null : fields.idleS * 1_000;
    const { length, coding } = fields;
    if (coding !== null && (length !== null || coding.toLowerCase() !== 'chunked' || minor === '0'))
      throw new ResponseError('the body does not have one length');
    if (status === 204 || status === 304 || length === 0) return true;
    if (coding !== null) this.#state = 'chunk-size';
    else if (length === null) {
      this.#state = 'close';
      this.#mayStay = false;
    } else {
      if (length > this.#bytesMax) throw new ResponseError(`the body has more than ${this.#bytesMax} bytes`);
      this.#left = length;
      this.#state = 'length';
    }
    return false;
  }
}

interface Fields {
  length: number | null;
  coding: string | null;
  connection: string;
  retryAfter: string | undefined;
  idleS: number | null;
}

/** The fields that matter here; others are looked at as far as it takes to know that they are fields. */
function readFields(lines: readonly string[]): Fields {
  const fields: Fields = { length: null, coding: null, connection: '', retryAfter: undefined, idleS: null };
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    // White space before the colon, or a line that goes on with the one before it, is where readers disagree (RFC 9112, section 5).
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new ResponseError('a field of the head is malformed');
    const value = line.slice(colon + 1).trim();
    switch (name.toLowerCase()) {
      case 'content-length': {
        if (!/^\d{1,15}$/.test(value) || (fields.length !== null && fields.length !== Number(value)))
          throw new ResponseError('the length of the body is malformed');
        fields.length = Number(value);
        break;
      }
      case 'transfer-encoding':
        fields.coding = fields.coding === null ? value : `${fields.coding}, ${value}`;
        break;
      case 'connection':
        fields.connection += `,${value}`;
        break;
      case 'retry-after':
        fields.retryAfter = value;
        break;
      case 'keep-alive': {
        const timeout = /\btimeout=(\d{1,6})\b/i.exec(value)?.[1];
        if (timeout !== undefined) fields.idleS = Number(timeout);
        break;
      }
      default:
    }
  }
  return fields;
}
