import { createHash, createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { CLAIMS_HEADER, OLD_SIGNATURE_HEADER, SIGNATURE_HEADER, tellClock } from '../../runtime/gateway-signature.ts';
import { SubgraphClock } from './subgraph-clock.ts';

// Goal: while a platform is updated, gateway first, its subgraphs of 0.1 believe the new gateway and are asked in their own time.
const secret = 'a secret for tests';
const handshake = '55-45-17';
const body = '{"query":"{a}"}';

test('what is signed for a subgraph holds by the rule of 0.1, in its own header', () => {
  const signed = new SubgraphClock({ secret, subgraph: 'canon', clock: () => 5 }).sign(
    { handshake, claims: null },
    body,
  );
  const text = `5.${handshake}.${signed[CLAIMS_HEADER]}.${createHash('sha256').update(body).digest('hex')}`;
  const expected = createHmac('sha256', secret).update(text).digest('hex');
  expect(signed[OLD_SIGNATURE_HEADER]).toBe(`t=5,v1=${expected}`);
});

test.each([SIGNATURE_HEADER, OLD_SIGNATURE_HEADER] as const)(
  'the time of a subgraph is learned from its answer to %s',
  (header) => {
    const clock = new SubgraphClock({ secret, subgraph: 'canon', clock: () => 5 });
    const signed = clock.sign({ handshake, claims: null }, body);
    expect(clock.learn(signed, tellClock({ secret, signatureHeader: signed[header] }, 3_600_005))).toBe(true);
    expect(clock.differenceMs).toBe(3_600_000);
    expect(clock.learn(signed, tellClock({ secret, signatureHeader: 'another' }, 7))).toBe(false);
  },
);
