/** Variables that a fetch adds to the client's. Made as objects for a subgraph in this process, as JSON for one behind HTTP. */
export interface ExtraVariables {
  object(): Readonly<Record<string, unknown>>;
  /** The members of a JSON object, without its braces. */
  json(): string;
}

export function plainVariables(values: Readonly<Record<string, unknown>>): ExtraVariables {
  return { object: () => values, json: () => JSON.stringify(values).slice(1, -1) };
}

/** What JSON takes as it is: no control characters, quotes, backslashes or halves of pairs. */
const plain = /^[\u0020\u0021\u0023-\u005b\u005d-\ud7ff\ue000-\uffff]*$/;

/** A value as JSON; short strings without anything to escape are quoted as they are. */
export function toJson(value: unknown): string {
  if (typeof value === 'string') return value.length < 100 && plain.test(value) ? `"${value}"` : JSON.stringify(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return JSON.stringify(value);
}
