import { z } from 'zod';

const arrayLiteral = z.array(z.union([z.string(), z.number()]));
const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', '0': '\0' };

/**
 * Bound parameters of a request's `param_<name>`, as values that chDB binds. They come as ClickHouse's text forms: escaped for single values,
 * literals for arrays; the statement's `{name:Type}` tells which.
 */
export function boundParameters(search: URLSearchParams, sql: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, text] of search) {
    if (!key.startsWith('param_')) continue;
    const name = key.slice('param_'.length);
    const isArray = new RegExp(`\\{\\s*${name}\\s*:\\s*Array`).test(sql);
    found[name] = text === '\\N' ? null : isArray ? parseArray(text) : unescape(text);
  }
  return found;
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_whole, letter: string) => escapes[letter] ?? letter);
}

/** `['it\'s',2]` as JSON would write it. */
function parseArray(text: string): readonly (string | number)[] {
  const json = text.replaceAll(/'((?:[^'\\]|\\.)*)'/gs, (_whole, inner: string) => JSON.stringify(unescape(inner)));
  return arrayLiteral.parse(JSON.parse(json));
}
