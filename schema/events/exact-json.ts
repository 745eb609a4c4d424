/** All strings of a JSON text, each with the colon behind it where it is a key. */
const strings = /"(?:[^"\\]|\\[^])*"(?=(\s*:)?)/g;

/**
 * What `JSON.parse` is to give. V8 (13.6, in Node 24) takes a key that is written with escapes for another one, of an object that began with the same keys, where the first
 * characters agree as they are written: once there was a `{"b":1,"\\":1}`, a `{"b":1,"\n":1}` comes out with a backslash as its key. What stands under a
 * hash must not depend on what else the process has read, so that such keys are read by themselves. Throws a SyntaxError.
 */
export function parseExactly(text: string): unknown {
  // First as it is: looking for strings in what is no JSON may take the square of its length.
  const read: unknown = JSON.parse(text);
  if (!text.includes('\\')) return read;
  // Names that stand for the keys meanwhile, and that no key has: one with escapes is replaced itself.
  const longest = (text.match(/\ue000+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const mark = '\ue000'.repeat(longest + 1);
  const keys: string[] = [];
  const plain = text.replace(strings, (token: string, colon: string | undefined) =>
    colon === undefined || !token.includes('\\') ? token : `"${mark}${keys.push(JSON.parse(token) as string) - 1}"`,
  );
  return keys.length === 0 ? read : withKeys(JSON.parse(plain) as unknown, mark, keys);
}

function withKeys(value: unknown, mark: string, keys: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => withKeys(item, mark, keys));
  const named: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const name = key.startsWith(mark) ? (keys[Number(key.slice(mark.length))] as string) : key;
    const own = withKeys(inner, mark, keys);
    // An assignment to this key would set what the object inherits from.
    if (name === '__proto__') Object.defineProperty(named, name, { value: own, ...plainProperty });
    else named[name] = own;
  }
  return named;
}

const plainProperty = { writable: true, enumerable: true, configurable: true } as const;
