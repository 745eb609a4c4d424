import { expect, test } from '@jest/globals';
import { isForeignOrigin } from './origin.ts';

// Goal: pages of this server open sockets also behind proxies, clients that are no browsers too, and pages of other sites none.
const page = 'https://vcos.example';
test.each([
  ['no browser', { host: 'vcos.example' }],
  ['a page of this server', { origin: page, host: 'vcos.example' }],
  ['with the port of the scheme', { origin: page, host: 'vcos.example:443' }],
  ['with another port', { origin: 'http://localhost:4000', host: 'localhost:4000' }],
  ['in other letters', { origin: page, host: 'VCOS.Example' }],
  ['IPv6', { origin: 'http://[::1]:4000', host: '[::1]:4000' }],
  [
    'behind a proxy that says whom it was asked for',
    { origin: page, host: '10.0.0.1', 'x-forwarded-host': 'vcos.example, 10.0.0.2' },
  ],
  [
    'behind one that does not, where the browser says so',
    { origin: page, host: '10.0.0.1', 'sec-fetch-site': 'same-origin' },
  ],
  ['another site that is let in', { origin: 'https://friend.example', host: 'vcos.example' }],
])('%s: may', (_name, headers) => {
  expect(isForeignOrigin({ headers }, ['https://friend.example'])).toBe(false);
});

test.each([
  ['another site', { origin: 'https://evil.example', host: 'vcos.example' }],
  ['a part of this name', { origin: 'https://evil.vcos.example', host: 'vcos.example' }],
  ['another port', { origin: 'http://localhost:5000', host: 'localhost:4000' }],
  ['a page without an origin', { origin: 'null', host: 'vcos.example' }],
  ['what is none', { origin: 'vcos.example', host: 'vcos.example' }],
  [
    'a browser that says that it is another',
    { origin: 'https://evil.example', host: 'vcos.example', 'sec-fetch-site': 'cross-site' },
  ],
  ['no host', { origin: page }],
  ['an empty host', { origin: page, host: '', 'x-forwarded-host': ',' }],
])('%s: may not', (_name, headers) => {
  expect(isForeignOrigin({ headers }, ['https://friend.example'])).toBe(true);
});
