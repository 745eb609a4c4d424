import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort, stopProcess } from '../../../infra/jvm/jvm-process.ts';
import { startKafka } from '../../../infra/jvm/kafka/kafka-server.ts';
import { KafkaEventLog, type KafkaEventLogOptions } from '../kafka-event-log.ts';
import { kafkaClient } from './clients.ts';
import { type ClientCertificate, readClientCertificate } from './security.ts';

const topic = { name: 'input', partitions: 2, cleanup: 'keep' } as const;
const user = 'scram';
/** In UTF-8, which is what it is proved by. */
const password = 'p=ß€1';
/** How long a login by SCRAM-SHA-512 lasts; kafkajs logs in anew 10 s before it ends. */
const sessionMs = 11_000;
const startMsMax = 120_000;

let directory: string;
let pid: number | null = null;
let at: Record<'SSL' | 'SASL_SSL' | 'MUTUAL' | 'SASL_PLAINTEXT' | 'PLAINTEXT', string>;

/** A CA of its own, and a broker's certificate of it for an address and a name. */
function makeCertificates(): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test CA');
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1';
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '2', '-subj', '/CN=broker', '-addext', names];
  openssl('req', '-x509', ...key, '-keyout', 'broker.key', '-out', 'broker.pem', ...signed);
  const store = ['-inkey', 'broker.key', '-in', 'broker.pem', '-certfile', 'ca.pem', '-passout', 'pass:changeit'];
  openssl('pkcs12', '-export', ...store, '-out', 'broker.p12');
  const client = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '2', '-subj', '/CN=client'];
  openssl('req', '-x509', ...key, '-keyout', 'client.key', '-out', 'client.pem', ...client);
  openssl('req', '-x509', ...key, '-keyout', 'other.key', '-out', 'other.pem', '-days', '2', '-subj', '/CN=other');
}

/** As a file of Java's properties takes it: other letters by their numbers. */
const property = (text: string): string =>
  text.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vcos-test-kafka-'));
  makeCertificates();
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const users = `username="broker" password="unused" user_plain="${password}"`;
  const login = (listener: string) => ({
    [`listener.name.${listener}.plain.sasl.jaas.config`]: property(`${plain} ${users};`),
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: scram,
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: scram,
    [`listener.name.${listener}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  });
  at = {
    PLAINTEXT: '',
    SSL: `[::1]:${await freePort()}`,
    SASL_SSL: `localhost:${await freePort()}`,
    MUTUAL: `127.0.0.1:${await freePort()}`,
    SASL_PLAINTEXT: `127.0.0.1:${await freePort()}`,
  };
  const place = { directory, port: 0, say: () => undefined };
  const running = await startKafka(place, {
    listeners: [
      ...(['SSL', 'SASL_SSL', 'SASL_PLAINTEXT'] as const).map((protocol) => ({ protocol, address: at[protocol] })),
      { protocol: 'SSL', name: 'MUTUAL', address: at.MUTUAL },
    ],
    properties: {
      ...login('sasl_ssl'),
      ...login('sasl_plaintext'),
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': join(directory, 'broker.p12'),
      'ssl.keystore.password': 'changeit',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': join(directory, 'ca.pem'),
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.sasl_plaintext.scram-sha-512.connections.max.reauth.ms': sessionMs,
    },
    scramUsers: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((name) => `${name}=[name=${user},password=${password}]`),
  });
  pid = running.pid;
  at.PLAINTEXT = running.environment['EVENT_LOG_BROKERS'] ?? '';
}, startMsMax);

afterAll(async () => {
  if (pid !== null) await stopProcess(pid);
  rmSync(directory, { recursive: true, force: true });
});

const certificateOf = (name: string): ClientCertificate =>
  readClientCertificate({ cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) });

const before = getCACertificates('default');
beforeEach(() => setDefaultCACertificates([...before, readFileSync(join(directory, 'ca.pem'), 'utf8')]));
afterEach(() => setDefaultCACertificates(before));

describe.each(['platformatic', 'kafkajs'] as const)('Kafka behind TLS and logins, by %s', (client) => {
  const logs: KafkaEventLog[] = [];
  async function openLog(options: Omit<KafkaEventLogOptions, 'client'>): Promise<KafkaEventLog> {
    const log = new KafkaEventLog({ client: await kafkaClient(client), prefix: `test-${randomUUID()}.`, ...options });
    logs.push(log);
    return log;
  }
  afterEach(() => Promise.all(logs.splice(0).map((log) => log.close())));
  const failureOf = async (options: Omit<KafkaEventLogOptions, 'client'>): Promise<Error> =>
    (await openLog(options))
      .ensureTopics([topic])
      .then(() => new Error('it was let in'))
      .catch((error: unknown) => error as Error);

  test.each([
    ['SSL', null],
    ['MUTUAL', null],
    ['SASL_SSL', { mechanism: 'PLAIN', user: 'plain', password }],
    ['SASL_SSL', { mechanism: 'SCRAM-SHA-256', user, password }],
    ['SASL_PLAINTEXT', { mechanism: 'SCRAM-SHA-512', user, password }],
  ] as const)('goal: records are appended, consumed in transactions and tailed: %s, %o', async (listener, login) => {
    const certificate = listener === 'MUTUAL' ? certificateOf('client') : null;
    const log = await openLog({ brokers: [at[listener]], tls: listener !== 'SASL_PLAINTEXT', login, certificate });
    const output = { name: 'output', partitions: 1, cleanup: 'keep' } as const;
    await log.ensureTopics([topic, output]);
    const errors: unknown[] = [];
    const consumer = await log.consume({
      group: 'group',
      topics: [topic.name],
      batchMax: 10,
      onBatch: async ({ records }) => records.map(({ id }) => ({ topic: output.name, key: 'k', id, value: '{}' })),
      onError: (error) => errors.push(error),
    });
    const tail = log.tail({ topic: output.name, from: 'start' });
    const ids = Array.from({ length: 5 }, (_, n) => String(n));
    const isEnding = login?.mechanism === 'SCRAM-SHA-512';
    for (const id of ids) {
      await log.append([{ topic: topic.name, key: id, id, value: '{}' }]);
      expect((await tail.next()).value).toMatchObject({ id });
      // Beyond the end of a login, in the middle of everything.
      if (isEnding && id !== ids.at(-1)) await new Promise((resolve) => setTimeout(resolve, sessionMs / 3.5));
    }
    expect((await log.read({ topic: output.name, partition: 0, from: 0, limit: 10 })).map(({ id }) => id)).toEqual(ids);
    expect(errors).toEqual([]);
    await consumer.close();
  });

  test.each([
    ['a wrong password', 'SASL_SSL', 'PLAIN', 'refuses the login: see EVENT_LOG_USER'],
    ['a wrong password', 'SASL_PLAINTEXT', 'SCRAM-SHA-512', 'refuses the login: see EVENT_LOG_USER'],
    ['a login where there is none', 'PLAINTEXT', 'PLAIN', 'expects no login there: unset EVENT_LOG_SASL'],
    ['a login without TLS where there is TLS', 'SASL_SSL', 'PLAIN', 'EVENT_LOG_TLS=true is for brokers that speak TLS'],
  ] as const)(
    'goal: %s is told with the address and never repeated (%s, %s)',
    async (what, listener, mechanism, told) => {
      const tls = listener === 'SASL_SSL' && what === 'a wrong password';
      const login = { mechanism, user: 'plain', password: 's3cret' } as const;
      const { message } = await failureOf({ brokers: [at[listener]], tls, login });
      expect(message).toContain(told);
      expect(message).toContain(at[listener]);
      expect(message).toContain(`${tls ? 'with' : 'without'} TLS and with a login by ${mechanism}`);
      expect(message).not.toContain('s3cret');
    },
  );

  test.each([
    ['TLS where there is none', 'PLAINTEXT', true, 'may speak no TLS there: EVENT_LOG_TLS=false'],
    ['no TLS where there is TLS', 'SSL', false, 'EVENT_LOG_TLS=true is for brokers that speak TLS'],
    ['no login where there is one', 'SASL_SSL', true, 'with TLS and without a login'],
  ] as const)('goal: %s is told (%s)', async (_, listener, tls, told) => {
    const { name, message } = await failureOf({ brokers: [at[listener]], tls });
    expect([name, message]).toEqual(['LogUnavailableError', expect.stringContaining(told)]);
    expect(message).toContain(at[listener]);
  });

  test.each([
    ['none', 'asks for a certificate of its clients: EVENT_LOG_TLS_CERT and EVENT_LOG_TLS_KEY name'],
    ['other', 'refuses the certificate of EVENT_LOG_TLS_CERT'],
  ])('goal: a client without the certificate that a broker asks for is told: %s', async (name, told) => {
    const certificate = name === 'none' ? null : certificateOf(name);
    const { message } = await failureOf({ brokers: [at.MUTUAL], tls: true, certificate });
    expect(message).toContain(told);
    expect(message).toContain(at.MUTUAL);
  });

  test('goal: a certificate of a CA that is not trusted is told with what makes it so', async () => {
    setDefaultCACertificates(before);
    const { message } = await failureOf({ brokers: [at.SSL], tls: true });
    expect(message).toMatch(
      /\(EVENT_LOG_BROKERS; .* with TLS and without a login\).*NODE_EXTRA_CA_CERTS names the file/,
    );
  });
});
