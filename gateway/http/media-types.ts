import { BoundedMap } from '../bounded-map.ts';

const offered = ['application/json', 'application/graphql-response+json'] as const;

interface Range {
  readonly q: number;
  readonly specificity: number;
  readonly order: number;
}

/** Header values whose answer is known: clients send few different ones. */
const known = new BoundedMap<{ readonly type: string | null }>({ weightMax: 64_000 });

/**
 * The type of a GraphQL answer that an `Accept` header prefers, as Apollo Server chooses it; null where there is none, or where it takes
 * more than names and weights to tell.
 */
export function answerType(accept: string | undefined): string | null {
  if (accept === undefined || accept === '*/*') return `${offered[0]}; charset=utf-8`;
  const before = known.get(accept);
  if (before) return before.type;
  const type = negotiate(accept);
  known.set(accept, { type }, accept.length);
  return type;
}

/**
 * Whether an `Accept` header asks for server-sent events (the "distinct connections" mode of graphql-sse). One that names JSON before them, as urql
 * does with every query, or gives it more weight, asks for JSON.
 */
export function prefersEvents(accept: string | undefined): boolean {
  if (accept === undefined || !/event-stream/i.test(accept)) return false;
  let events = 0;
  let json = 0;
  for (const item of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((text) => text.trim());
    const weight = parameters.find((each) => each.startsWith('q='))?.slice(2);
    const q = weight === undefined ? 1 : Number(weight);
    if (name === 'text/event-stream' && q > json) events = Math.max(events, q);
    if (/^application\/(\w[\w.-]*\+)?json$/.test(name) && q > events) json = Math.max(json, q);
  }
  return events > json;
}

/** Whether an `Accept` header takes a response in parts, in the version of the proposal that is spoken here. */
export function acceptsParts(accept: string | undefined): boolean {
  return names(accept, 'multipart/mixed', (parameters) =>
    parameters.some((each) => /^deferspec="?20220824"?$/.test(each)),
  );
}

/** Whether an `Accept` header names a type that an answer can have, and not to refuse it. */
export function acceptsByName(
  accept: string | undefined,
  type: (typeof offered)[number] | 'text/event-stream',
): boolean {
  return names(accept, type, () => true);
}

function names(accept: string | undefined, type: string, isMeant: (parameters: readonly string[]) => boolean): boolean {
  return (accept ?? '').split(',').some((item) => {
    const [name = '', ...parameters] = item.split(';').map((text) => text.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return name === type && !isRefused && isMeant(parameters);
  });
}

function negotiate(accept: string): string | null {
  const ranges = accept.split(',').map((item) => item.trim().toLowerCase());
  const simple = /^([\w+.*-]+\/[\w+.*-]+)(?:\s*;\s*q=([01](?:\.\d{1,3})?))?$/;
  const best = new Map<string, Range>();
  for (const [order, item] of ranges.entries()) {
    const [, name = '', weight = '1'] = simple.exec(item) ?? [];
    // Parameters such as those of multipart/mixed matter for other answers than a single one.
    if (name === '' && /^(multipart\/mixed|text\/event-stream)\b/.test(item)) continue;
    if (name === '') return null;
    for (const type of offered) {
      const specificity = name === type ? 2 : name === 'application/*' ? 1 : name === '*/*' ? 0 : -1;
      const before = best.get(type);
      if (specificity < 0 || (before && before.specificity >= specificity)) continue;
      best.set(type, { q: Number(weight), specificity, order });
    }
  }
  const accepted = [...best]
    .filter(([, { q }]) => q > 0)
    .sort(
      ([a, x], [b, y]) =>
        y.q - x.q ||
        y.specificity - x.specificity ||
        x.order - y.order ||
        offered.indexOf(a as (typeof offered)[number]) - offered.indexOf(b as (typeof offered)[number]),
    );
  const [chosen] = accepted;
  return chosen ? `${chosen[0]}; charset=utf-8` : null;
}
