import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: the audit suite of the GraphQL-over-HTTP specification finds nothing, its SHOULDs and MAYs included.
let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

// A GET needs a header that no other site can make a browser send (CSRF); the suite sends none of its own.
const fetchFn: typeof fetch = (input, init) =>
  fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), 'apollo-require-preflight': '1' } });
const audits = serverAudits({ url: () => platform.url, fetchFn });

test.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_name, audit) => {
  const result = await audit.fn();
  expect({ status: result.status, reason: 'reason' in result ? result.reason : '' }).toEqual({
    status: 'ok',
    reason: '',
  });
});
