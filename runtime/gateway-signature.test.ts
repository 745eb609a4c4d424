import { describe, expect, test } from '@jest/globals';
import {
  CLAIMS_HEADER,
  OLD_SIGNATURE_HEADER,
  SIGNATURE_AGE_MS_MAX,
  SIGNATURE_HEADER,
  readClock,
  signGatewayRequest,
  tellClock,
  verifyGatewayRequest,
} from './gateway-signature.ts';

// Goal: a subgraph believes exactly what the gateway signed, and nothing that was changed, replayed late or left out.
const secret = 'a secret for tests';
const claims = { issuer: 'vcos', subject: 'ada', scopes: ['read'], expiresAt: 5 };
const body = '{"query":"{a}"}';
const nowMs = 1_800_000_000_000;
const subgraph = 'canon';
const signed = signGatewayRequest({ secret, subgraph, handshake: '55-45-17', claims, body, nowMs });
const good = {
  secret,
  subgraph,
  handshake: '55-45-17',
  body,
  nowMs,
  claimsHeader: signed[CLAIMS_HEADER],
  signatureHeader: signed[SIGNATURE_HEADER],
};

describe('gateway signature', () => {
  test('what was signed is believed, an anonymous caller too', () => {
    expect(verifyGatewayRequest(good)).toEqual({ ok: true, claims, id: expect.any(Number) });
    const anonymous = signGatewayRequest({ secret, subgraph, handshake: '55-45-17', claims: null, body, nowMs });
    expect(
      verifyGatewayRequest({
        ...good,
        claimsHeader: anonymous[CLAIMS_HEADER],
        signatureHeader: anonymous[SIGNATURE_HEADER],
      }),
    ).toEqual({ ok: true, claims: null, id: expect.any(Number) });
  });

  const root = Buffer.from(JSON.stringify({ ...claims, subject: 'root' })).toString('base64url');
  test.each([
    ['another secret', { secret: 'other' }, /does not match/],
    ['another subgraph', { subgraph: 'creators' }, /does not match/],
    ['the signature of before', { signatureHeader: signed[OLD_SIGNATURE_HEADER] }, /malformed/],
    [
      'another nonce',
      { signatureHeader: signed[SIGNATURE_HEADER].replace(/n=[0-9a-f]{16}/, `n=${'0'.repeat(16)}`) },
      /does not match/,
    ],
    ['another handshake', { handshake: '1-2-3' }, /does not match/],
    ['another body', { body: '{"query":"{b}"}' }, /does not match/],
    ['other claims', { claimsHeader: root }, /does not match/],
    ['no claims', { claimsHeader: undefined }, /x-vcos-claims is missing/],
    [
      'no signature',
      { signatureHeader: undefined },
      /x-vcos-subgraph-signature is missing .*update them before subgraphs/,
    ],
    ['a malformed signature', { signatureHeader: 't=1' }, /malformed/],
    ['an old signature', { nowMs: nowMs + SIGNATURE_AGE_MS_MAX + 1 }, /60 s/],
    ['a signature from the future', { nowMs: nowMs - SIGNATURE_AGE_MS_MAX - 1 }, /60 s/],
  ])('%s is refused', (_name, change, reason) => {
    const result = verifyGatewayRequest({ ...good, ...change });
    // Only whose every other part is right is told about the clock.
    const isOtherClock = reason.source === '60 s';
    expect(result).toEqual({ ok: false, reason: expect.stringMatching(reason), isOtherClock });
  });

  test('equal requests have ids of their own', () => {
    const idOf = (): number => {
      const again = signGatewayRequest({ secret, subgraph, handshake: '55-45-17', claims, body, nowMs });
      const verified = verifyGatewayRequest({ ...good, signatureHeader: again[SIGNATURE_HEADER] });
      return verified.ok ? verified.id : NaN;
    };
    expect(new Set(Array.from({ length: 10 }, idOf)).size).toBe(10);
    expect(Number.isSafeInteger(idOf())).toBe(true);
  });

  test('a clock is told to whoever made the signature, and to nobody else', () => {
    const signatureHeader = signed[SIGNATURE_HEADER];
    const told = tellClock({ secret, signatureHeader }, nowMs + 5);
    expect(readClock({ secret, signatureHeader }, told)).toBe(nowMs + 5);
    expect(readClock({ secret: 'other', signatureHeader }, told)).toBeNull();
    expect(readClock({ secret, signatureHeader: `${signatureHeader}0` }, told)).toBeNull();
    expect(readClock({ secret, signatureHeader }, told.replace(/^t=\d+/, `t=${nowMs + 6}`))).toBeNull();
    expect(readClock({ secret, signatureHeader }, 'now')).toBeNull();
  });
});
