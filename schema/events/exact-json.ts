/** All strings of a JSON text, each with the colon behind it where it is a key. */
const strings = /"(?:[^"\\]|\\[^])*"(?=(\s*:)?)/g;
/** Where there may be a key with an escape; without it there is none. Nothing that `JSON.parse` takes is looked at twice. */
const mayBeEscapedKey = /[{,]\s*"[^"\\]*\\/;

/**
 * What `JSON.parse` is to give. V8 (13.6, in Node 24) takes a key that is written with escapes for another one, of an object that began with the same keys, where the first
 * characters agree as they are written: once there was a `{"b":1,"\\":1}`, a `{"b":1,"\n":1}` comes out with a backslash as its key. What stands under a
 * hash, or is somebody's, must not depend on what else the process has read, so that such keys are read by themselves. Throws a SyntaxError.
 */
export function parseExactly(text: string): unknown {
  // First as it is: looking for strings in what is no JSON may take the square of its length.
  const read: unknown = JSON.parse(text);
  // The wrong key has the first escape's backslash as one of its characters: where no key has any, none is wrong.
  if (!text.includes('\\') || !mayBeEscapedKey.test(text) || !hasKeyWithBackslash(read)) return read;
  // Names that stand for the keys meanwhile, and that no key has: one with escapes is replaced itself.
  const longest = (text.match(/\ue000+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const mark = '\ue000'.repeat(longest + 1);
  const keys: string[] = [];
  const numbers = new Map<string, number>();
  const plain = text.replace(strings, (token: string, colon: string | undefined) => {
    if (colon === undefined || !token.includes('\\')) return token;
    let number = numbers.get(token);
    if (number === undefined) {
      number = keys.push(JSON.parse(token) as string) - 1;
      numbers.set(token, number);
    }
    return `"${mark}${number}"`;
  });
  const named = JSON.parse(plain) as unknown;
  for (const object of objectsIn(named)) rename(object, mark, keys);
  return named;
}

function hasKeyWithBackslash(value: unknown): boolean {
  for (const object of objectsIn(value)) for (const key in object) if (key.includes('\\')) return true;
  return false;
}

/** Every object of a value, at whatever depth: JSON may nest deeper than functions can call themselves. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) yield next as Record<string, unknown>;
    for (const inner of Object.values(next)) if (typeof inner === 'object' && inner !== null) waiting.push(inner);
  }
}

/** Gives an object's keys their names, in place. Those behind one that was replaced are written anew too, so that all stay in their order. */
function rename(object: Record<string, unknown>, mark: string, keys: readonly string[]): void {
  const all = Object.keys(object);
  const first = all.findIndex((key) => key.startsWith(mark));
  if (first < 0) return;
  const entries = all.slice(first).map((key): readonly [string, unknown] => [key, object[key]]);
  for (const [key] of entries) Reflect.deleteProperty(object, key);
  for (const [key, value] of entries) {
    const name = key.startsWith(mark) ? (keys[Number(key.slice(mark.length))] as string) : key;
    // An assignment to this key would set what the object inherits from.
    if (name === '__proto__') Object.defineProperty(object, name, { value, ...plainProperty });
    else object[name] = value;
  }
}

const plainProperty = { writable: true, enumerable: true, configurable: true } as const;
