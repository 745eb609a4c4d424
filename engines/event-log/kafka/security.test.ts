import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readClientCertificate } from './security.ts';

const directory = mkdtempSync(join(tmpdir(), 'vcos-test-certificate-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('goal: a file of a client’s certificate that is not there is told by the variable that names it', () => {
  const [there, absent] = [join(directory, 'there'), join(directory, 'absent')];
  writeFileSync(there, '');
  expect(() => readClientCertificate({ cert: absent, key: there })).toThrow(
    /^environment variable EVENT_LOG_TLS_CERT: ENOENT.*absent/,
  );
  expect(() => readClientCertificate({ cert: there, key: absent })).toThrow(
    /^environment variable EVENT_LOG_TLS_KEY: ENOENT.*absent/,
  );
});

test.each([
  ['notes', 's3cret'],
  ['', ''],
])('goal: files that hold no certificate and key are told, and nothing of what they hold: %o', (text, secret) => {
  const [cert, key] = [join(directory, 'cert'), join(directory, 'key')];
  writeFileSync(cert, text);
  writeFileSync(key, secret);
  const reading = (): unknown => readClientCertificate({ cert, key });
  expect(reading).toThrow(
    `environment variables EVENT_LOG_TLS_CERT and EVENT_LOG_TLS_KEY: ${cert} and ${key} are no certificate`,
  );
  expect(reading).not.toThrow(/s3cret/);
});
