import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { versions } from './versions.ts';

test('goal: the container set-up and the plain JVM processes run the same versions', () => {
  const compose = readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8');
  expect(/image: neo4j:(\S+)-community/.exec(compose)?.[1]).toBe(versions.neo4j);
  expect(/image: apache\/kafka:(\S+)/.exec(compose)?.[1]).toBe(versions.kafka);
});
