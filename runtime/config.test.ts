import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from './config.ts';

// Goal: a setting that cannot be meant is refused by its name, in words, before anything starts, and without what may be a password.
describe('a login in an address', () => {
  test.each(['bolt://neo4j:s3cret%@localhost:7687', 'bolt://%zz:s3cret@localhost:7687'])(
    'with a stray percent sign is refused without being repeated: %s',
    (url) => {
      const read = () => readConfig({ GRAPH_STORE_URL: url });
      expect(read).toThrow(ConfigError);
      expect(read).toThrow(/^environment variable GRAPH_STORE_URL: has a % in its login .* write it %25/);
      expect(read).not.toThrow(/s3cret/);
    },
  );

  test('is decoded', () => {
    const { warehouse } = readConfig({ WAREHOUSE_URL: 'http://a%40b:100%25@localhost:8123' });
    expect(warehouse).toEqual({ url: 'http://localhost:8123', user: 'a@b', password: '100%' });
  });
});

test('seeds are ids; a username among them is named', () => {
  const id = '73c2e8a0-9ff1-5ab6-9d4f-79634c9d9044';
  expect(readConfig({ REPUTATION_SEEDS: ` ${id}, ` }).reputationSeeds).toEqual([id]);
  expect(() => readConfig({ REPUTATION_SEEDS: `${id},member-26` })).toThrow(
    /^environment variable REPUTATION_SEEDS: member-26 is not the id of a creator/,
  );
});

describe('how Kafka is reached', () => {
  const read = (variables: Record<string, string>) => readConfig({ EVENT_LOG_BROKERS: 'kafka:9092', ...variables });

  test('goal: plainly unless told otherwise', () => {
    expect(read({}).eventLog).toMatchObject({ brokers: ['kafka:9092'], tls: false, login: null });
  });

  test('goal: over TLS, with a login, whose mechanism is written as anybody writes it', () => {
    const login = { EVENT_LOG_SASL: 'SCRAM-SHA-512', EVENT_LOG_USER: 'vcos', EVENT_LOG_PASSWORD: 'p,=%' };
    const { eventLog } = read({ EVENT_LOG_TLS: 'true', ...login });
    expect(eventLog).toMatchObject({
      tls: true,
      login: { mechanism: 'SCRAM-SHA-512', user: 'vcos', password: 'p,=%' },
    });
    expect(read({ ...login, EVENT_LOG_SASL: 'plain' }).eventLog?.login?.mechanism).toBe('PLAIN');
  });

  test.each([
    [{ EVENT_LOG_PASSWORD: 's3cret' }, 'EVENT_LOG_SASL, EVENT_LOG_USER'],
    [{ EVENT_LOG_USER: 'u', EVENT_LOG_PASSWORD: 's3cret' }, 'EVENT_LOG_SASL'],
    [{ EVENT_LOG_SASL: 'plain', EVENT_LOG_PASSWORD: 's3cret' }, 'EVENT_LOG_USER'],
    [{ EVENT_LOG_SASL: 'plain', EVENT_LOG_USER: 'u' }, 'EVENT_LOG_PASSWORD'],
  ])('goal: half a login is refused, by what is missing of it: %o', (variables, missing) => {
    expect(() => read(variables)).toThrow(`environment variable ${missing}: must be set with the rest of the login`);
    expect(() => read(variables)).not.toThrow(/s3cret/);
  });

  test('goal: a mechanism that is none is refused, and those that are named', () => {
    expect(() => read({ EVENT_LOG_SASL: 'gssapi' })).toThrow(
      /EVENT_LOG_SASL: .*"plain"\|"scram-sha-256"\|"scram-sha-512"/,
    );
  });

  test('goal: brokers may have IPv6 addresses, in brackets', () => {
    const brokers = ['[::1]:9092', '[fd00::a:1]:19092', 'kafka-2.example:9092'];
    expect(read({ EVENT_LOG_BROKERS: brokers.join(', ') }).eventLog?.brokers).toEqual(brokers);
  });

  test.each([
    '::1:9092',
    '[::1]',
    '[kafka]:9092',
    '[::1]:92000',
    'kafka',
    'vcos:s3cret@kafka:9092',
    'http://kafka:9092',
  ])('goal: what is no address of a broker is refused: %s', (broker) => {
    expect(() => read({ EVENT_LOG_BROKERS: broker })).toThrow('must be host:port or [IPv6 address]:port');
    expect(() => read({ EVENT_LOG_BROKERS: broker })).not.toThrow(/s3cret/);
  });
});
