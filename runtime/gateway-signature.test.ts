import { describe, expect, test } from '@jest/globals';
import {
  CLAIMS_HEADER,
  SIGNATURE_AGE_MS_MAX,
  SIGNATURE_HEADER,
  signGatewayRequest,
  verifyGatewayRequest,
} from './gateway-signature.ts';

// Goal: a subgraph believes exactly what the gateway signed, and nothing that was changed, replayed late or left out.
const secret = 'a secret for tests';
const claims = { issuer: 'vcos', subject: 'ada', scopes: ['read'], expiresAt: 5 };
const body = '{"query":"{a}"}';
const nowMs = 1_800_000_000_000;
const signed = signGatewayRequest({ secret, handshake: '55-45-17', claims, body, nowMs });
const good = {
  secret,
  handshake: '55-45-17',
  body,
  nowMs,
  claimsHeader: signed[CLAIMS_HEADER],
  signatureHeader: signed[SIGNATURE_HEADER],
};

describe('gateway signature', () => {
  test('what was signed is believed, an anonymous caller too', () => {
    expect(verifyGatewayRequest(good)).toEqual({ ok: true, claims });
    const anonymous = signGatewayRequest({ secret, handshake: '55-45-17', claims: null, body, nowMs });
    expect(
      verifyGatewayRequest({
        ...good,
        claimsHeader: anonymous[CLAIMS_HEADER],
        signatureHeader: anonymous[SIGNATURE_HEADER],
      }),
    ).toEqual({ ok: true, claims: null });
  });

  const root = Buffer.from(JSON.stringify({ ...claims, subject: 'root' })).toString('base64url');
  test.each([
    ['another secret', { secret: 'other' }, /does not match/],
    ['another handshake', { handshake: '1-2-3' }, /does not match/],
    ['another body', { body: '{"query":"{b}"}' }, /does not match/],
    ['other claims', { claimsHeader: root }, /does not match/],
    ['no claims', { claimsHeader: undefined }, /x-vcos-claims is missing/],
    ['no signature', { signatureHeader: undefined }, /x-vcos-signature is missing/],
    ['a malformed signature', { signatureHeader: 't=1' }, /malformed/],
    ['an old signature', { nowMs: nowMs + SIGNATURE_AGE_MS_MAX + 1 }, /60 s/],
    ['a signature from the future', { nowMs: nowMs - SIGNATURE_AGE_MS_MAX - 1 }, /60 s/],
  ])('%s is refused', (_name, change, reason) => {
    const result = verifyGatewayRequest({ ...good, ...change });
    expect(result).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });
});
