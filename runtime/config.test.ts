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
