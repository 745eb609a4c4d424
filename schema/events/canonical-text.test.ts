import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linkOf, parseLink, scanLink } from './canonical-text.ts';
import { type CanonEvent, GENESIS_HASH, canonicalJson, completeEvent } from './envelope.ts';

const draft: Omit<CanonEvent, 'hash'> = {
  id: 'e1',
  type: 'relationship.followed',
  typeVersion: 1,
  hlc: { wallUs: 1_700_000_000_000_000, counter: 0, node: 'live:t' },
  region: 'local',
  entity: { type: 'Relationship', id: 'r1' },
  entityVersion: 1,
  actor: 'a',
  source: 'CREATOR',
  causedBy: ['e0', 'ä'],
  handshake: '55-45-17',
  payload: { fromId: 'a', id: 'not this', list: [{}, [], null, true, false, -1.5, 1e21], toId: 'b' },
  sealed: [],
  prevHash: GENESIS_HASH,
};
const payloads = fc.dictionary(
  fc.oneof(fc.constantFrom('id', 'hash', '__proto__', '1', 'toJSON'), fc.string()),
  fc.jsonValue(),
);

/** What scanning says must be what parsing says, wherever it says anything. */
function agrees(text: string): boolean {
  const scanned = scanLink(text);
  if (scanned === undefined) return false;
  const told = (link: ReturnType<typeof parseLink>): string =>
    JSON.stringify(link && [link.id, link.entity.id, link.entity.type, link.prevHash, link.hash]);
  const [says, should] = [told(scanned), told(parseLink(text))];
  if (says !== should) throw new Error(`${text} gives ${says}, parsed ${should}`);
  return true;
}

describe('the link of an event, scanned in its text', () => {
  test('is the one that parsing finds, whatever the payload holds', () => {
    // What is plain is scanned; what holds escapes is left to the parser, and how much of that comes is up to chance.
    expect(agrees(completeEvent(draft).text)).toBe(true);
    fc.assert(
      fc.property(payloads, fc.string(), (payload, actor) => {
        const { event, text } = completeEvent({ ...draft, actor, payload });
        expect(text).toBe(canonicalJson(event));
        agrees(text);
        expect(linkOf(text)).toMatchObject({ id: 'e1', entity: draft.entity, hash: event.hash });
      }),
    );
  });

  test('is refused where parsing refuses it: any character taken out, put in, changed or moved', () => {
    const { text } = completeEvent(draft);
    for (let at = 0; at < text.length; at += 1) {
      agrees(text.slice(0, at) + text.slice(at + 1));
      agrees(
        text.slice(0, at) +
          text
            .slice(at, at + 2)
            .split('')
            .reverse()
            .join('') +
          text.slice(at + 2),
      );
      for (const character of '"{}[]:,0-.e+ \\\t\u0000\ud800at') {
        agrees(text.slice(0, at) + character + text.slice(at));
        agrees(text.slice(0, at) + character + text.slice(at + 1));
      }
    }
  });

  test('numbers, orders of keys, repeated keys, words and nesting are judged alike', () => {
    const { text } = completeEvent(draft);
    const values = fc.oneof(
      fc.stringMatching(/^-?[0-9.eE+-]{1,20}$/),
      fc.double().map(String),
      fc.constantFrom('00', '-0', '0', '1.0', '1e3', '1E3', 'tru', 'null', 'nul', '{}', '[]', '[1,]', '{"a":1,}', ''),
      fc
        .array(fc.constantFrom('a', 'b', 'id', '__proto__', '1', '10', '9', 'é', '\u{1f600}', '\uffff'))
        .map((keys) => `{${keys.map((key) => `"${key}":1`).join(',')}}`),
      fc.integer({ min: 1, max: 60 }).map((deep) => '['.repeat(deep) + ']'.repeat(deep)),
    );
    fc.assert(
      fc.property(values, (value) => void agrees(text.replace('"fromId":"a"', () => `"fromId":${value}`))),
      { numRuns: 500 },
    );
    for (const odd of [
      '',
      'null',
      '1',
      '[]',
      '{}',
      '{"entity":"x"}',
      `${text} `,
      text.replace('"entity":{', '"entity":{"a":1,'),
    ])
      agrees(odd);
  });
});
