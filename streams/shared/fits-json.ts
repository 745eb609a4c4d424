/** Characters of any number, of `true`, `false` and `null`. */
const scalarCharsMax = 25;
/** One character of a text as `\u0000`. */
const escapedChars = 6;
/** Quotes of a text; quotes, colon and comma of a field. */
const quoteChars = 2;
const fieldChars = 4;
const depthMax = 16;

/**
 * Whether a value certainly takes at most so many characters as JSON, told without writing it down: false means "maybe not", also for what has no JSON
 * or says itself what it is in JSON. Costs a look at each member.
 */
export function fitsJson(value: unknown, charsMax: number): boolean {
  return roomLeft(value, charsMax, 0) >= 0;
}

function roomLeft(value: unknown, room: number, depth: number): number {
  switch (typeof value) {
    case 'string':
      return room - escapedChars * value.length - quoteChars;
    case 'number':
    case 'boolean':
      return room - scalarCharsMax;
    case 'object':
      if (value === null) return room - scalarCharsMax;
      if (depth === depthMax) return -1;
      return Array.isArray(value) ? roomAfterItems(value, room, depth) : roomAfterFields(value, room, depth);
    default:
      return -1;
  }
}

function roomAfterItems(items: readonly unknown[], room: number, depth: number): number {
  let left = room - quoteChars;
  for (let at = 0; at < items.length && left >= 0; at++) left = roomLeft(items[at], left - 1, depth + 1);
  return left;
}

function roomAfterFields(fields: object, room: number, depth: number): number {
  const prototype: unknown = Object.getPrototypeOf(fields);
  if (prototype !== Object.prototype && prototype !== null) return -1;
  let left = room - quoteChars;
  for (const name in fields) {
    if (left < 0) return left;
    left = roomLeft(
      (fields as Record<string, unknown>)[name],
      left - fieldChars - escapedChars * name.length,
      depth + 1,
    );
  }
  return left;
}
