import { type CanonEvent, canonicalJson } from './envelope.ts';
import { parseExactly } from './exact-json.ts';

/** What a history goes by; what else an event holds is vouched for by its hash. */
export type EventLink = Pick<CanonEvent, 'id' | 'entity' | 'prevHash' | 'hash'>;

/** What cannot be judged without reading it as JSON: escapes, control characters, half surrogates, and nesting beyond what an event needs. */
const needsParser = /[^\u0020-\uffff]|\\/;
const depthMax = 32;

const quote = 34;
const comma = 44;
const colon = 58;
const closingBracket = 93;
const closingBrace = 125;
const zero = 48;
const nine = 57;
/** Whole numbers of so many digits are below 2^53. */
const exactDigits = 15;

/** The link of an event from its text; null where that is no canonical text (RFC 8785) of an event. */
export function linkOf(text: string): EventLink | null {
  const link = scanLink(text);
  return link === undefined ? parseLink(text) : link;
}

/** {@link linkOf} as it is defined: whatever is read and written anew must come out the same. */
export function parseLink(text: string): EventLink | null {
  try {
    const json = parseExactly(text) as Partial<CanonEvent> | null;
    const { id, entity, prevHash, hash } = json ?? {};
    const texts: unknown[] = [id, entity?.id, entity?.type, prevHash, hash];
    return texts.every((each) => typeof each === 'string') && canonicalJson(json) === text ? (json as EventLink) : null;
  } catch {
    return null;
  }
}

/** {@link linkOf} without building the event, which verification does for every one; `undefined` where only a JSON parser can tell. */
export function scanLink(text: string): EventLink | null | undefined {
  if (needsParser.test(text) || !text.isWellFormed()) return undefined;
  return new Scanner(text).event();
}

/** One pass over a text without escapes. Every `skip` leaves `#at` behind what it read, or says that it is not canonical. */
class Scanner {
  readonly #text: string;
  #at = 0;
  #tooDeep = false;
  #id: string | null = null;
  #entityId: string | null = null;
  #entityType: string | null = null;
  #prevHash: string | null = null;
  #hash: string | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  event(): EventLink | null | undefined {
    const isCanonical =
      this.#text.startsWith('{') && this.#skipObject(0, '') && this.#at === this.#text.length && !this.#tooDeep;
    if (this.#tooDeep) return undefined;
    const [id, entityId, type, prevHash, hash] = [
      this.#id,
      this.#entityId,
      this.#entityType,
      this.#prevHash,
      this.#hash,
    ];
    if (!isCanonical || id === null || entityId === null || type === null || prevHash === null || hash === null)
      return null;
    return { id, entity: { id: entityId, type }, prevHash, hash };
  }

  #skipValue(depth: number, key: string): boolean {
    switch (this.#text[this.#at]) {
      case '"':
        return this.#skipText();
      case '{':
        return this.#skipObject(depth, key);
      case '[':
        return this.#skipList(depth);
      case 't':
        return this.#skipWord('true');
      case 'f':
        return this.#skipWord('false');
      case 'n':
        return this.#skipWord('null');
      default:
        return this.#skipNumber();
    }
  }

  #skipText(): boolean {
    const end = this.#text.indexOf('"', this.#at + 1);
    this.#at = end + 1;
    return end > 0;
  }

  #skipWord(word: string): boolean {
    const isThere = this.#text.startsWith(word, this.#at);
    this.#at += word.length;
    return isThere;
  }

  /** As ECMAScript writes it, which is what RFC 8785 asks for. */
  #skipNumber(): boolean {
    const text = this.#text;
    const begin = this.#at;
    let end = begin;
    for (let code = text.charCodeAt(end); code >= zero && code <= nine; code = text.charCodeAt(end)) end += 1;
    const digits = end - begin;
    this.#at = end;
    // A whole number that a double holds exactly stands as it is.
    if (!isOfNumber(text.charCodeAt(end)) && digits > 0 && digits <= exactDigits)
      return digits === 1 || text.charCodeAt(begin) !== zero;
    while (isOfNumber(text.charCodeAt(this.#at))) this.#at += 1;
    const written = text.slice(begin, this.#at);
    return String(Number(written)) === written;
  }

  #skipList(depth: number): boolean {
    if (this.#isTooDeep(depth)) return false;
    this.#at += 1;
    if (this.#text.charCodeAt(this.#at) === closingBracket) return this.#step();
    for (;;) {
      if (!this.#skipValue(depth + 1, '')) return false;
      const next = this.#text.charCodeAt(this.#at);
      if (next === closingBracket) return this.#step();
      if (next !== comma) return false;
      this.#at += 1;
    }
  }

  /** Keys come in the order of their code units, each once. `inside` is the key that this object is the value of. */
  #skipObject(depth: number, inside: string): boolean {
    if (this.#isTooDeep(depth)) return false;
    const text = this.#text;
    this.#at += 1;
    if (text.charCodeAt(this.#at) === closingBrace) return this.#step();
    for (let last: string | null = null; ; this.#at += 1) {
      if (text.charCodeAt(this.#at) !== quote) return false;
      const begin = this.#at + 1;
      if (!this.#skipText() || text.charCodeAt(this.#at) !== colon) return false;
      const key: string = text.slice(begin, this.#at - 1);
      if (last !== null && key <= last) return false;
      last = key;
      const value = (this.#at += 1);
      if (!this.#skipValue(depth + 1, depth === 0 ? key : '')) return false;
      if (text.charCodeAt(value) === quote) this.#note(depth, inside, key, value + 1);
      const next = text.charCodeAt(this.#at);
      if (next === closingBrace) return this.#step();
      if (next !== comma) return false;
    }
  }

  /** Keeps a text that belongs to the link. */
  #note(depth: number, inside: string, key: string, begin: number): void {
    if (depth === 0) {
      // Whoever keeps a piece of a text keeps the whole; ids are kept, so theirs is read into a text of its own.
      if (key === 'id') this.#id = JSON.parse(this.#text.slice(begin - 1, this.#at)) as string;
      else if (key === 'prevHash') this.#prevHash = this.#text.slice(begin, this.#at - 1);
      else if (key === 'hash') this.#hash = this.#text.slice(begin, this.#at - 1);
    } else if (depth === 1 && inside === 'entity') {
      if (key === 'id') this.#entityId = this.#text.slice(begin, this.#at - 1);
      else if (key === 'type') this.#entityType = this.#text.slice(begin, this.#at - 1);
    }
  }

  #step(): true {
    this.#at += 1;
    return true;
  }

  #isTooDeep(depth: number): boolean {
    if (depth >= depthMax) this.#tooDeep = true;
    return this.#tooDeep;
  }
}

/** Digits, signs, point and exponent. */
function isOfNumber(code: number): boolean {
  return (code >= zero && code <= nine) || code === 45 || code === 46 || code === 43 || code === 101;
}
