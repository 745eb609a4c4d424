import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../runtime/config.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const compose = read('docker-compose.yml');

/** The lines of a top-level block, without it. */
function block(name: string): string {
  const lines = compose.split('\n');
  const start = lines.indexOf(`${name}:`) + 1;
  const length = lines.slice(start).findIndex((line) => /^\S/.test(line));
  return lines.slice(start, length === -1 ? undefined : start + length).join('\n');
}

/** Services by name, each as the text under it. */
const services = new Map(
  block('services')
    .split(/^(?= {2}\S)/m)
    .flatMap((text) => {
      const name = /^ {2}([a-z][a-z0-9-]*):/.exec(text)?.[1];
      return name === undefined ? [] : [[name, text] as const];
    }),
);
const roles = [...services].filter(([, text]) => /<<: \*(role|subgraph)\b/.test(text)).map(([name]) => name);

describe('docker-compose.yml', () => {
  test('goal: the roles, the engines, and what watches them', () => {
    expect([...services.keys()].toSorted()).toEqual(
      [...roles, 'clickhouse', 'grafana', 'kafka', 'neo4j', 'prometheus'].toSorted(),
    );
    expect(roles).toHaveLength(11);
  });

  test('goal: the build finds its Dockerfile, and what that copies', () => {
    const [, context = '', dockerfile = ''] = /build: \{ context: (\S+), dockerfile: (\S+) \}/.exec(compose) ?? [];
    expect(existsSync(join(root, context, dockerfile))).toBe(true);
    const copies = [...read(join(context, dockerfile)).matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, from = '']) =>
      from.split(' ').filter((word) => !word.startsWith('--')),
    );
    expect(copies).not.toEqual([]);
    for (const path of copies) expect([path, existsSync(join(root, context, path))]).toEqual([path, true]);
  });

  test('goal: every file that is mounted exists, read-only; every other volume is declared', () => {
    const mounts = [...compose.matchAll(/(?:- |[[ ])([./a-z][\w./-]*):(\/[\w./-]+)(:ro)?(?=[\],\n])/g)];
    const files = mounts.filter(([, from = '']) => from.startsWith('./'));
    expect(files).toHaveLength(5);
    for (const [, from = '', , mode] of files)
      expect([from, existsSync(join(root, from)), mode]).toEqual([from, true, ':ro']);
    const declared = [...block('volumes').matchAll(/^ {2}([a-z0-9]+):$/gm)].map((match) => match[1]);
    const named = mounts.flatMap(([, from = '']) => (from.startsWith('./') ? [] : [from]));
    expect([...new Set(named)].toSorted()).toEqual(declared.toSorted());
  });

  test('goal: images and plugins are pinned to a version', () => {
    const images = [...compose.matchAll(/^\s+image: (\S+)$/gm)].flatMap(([, image = '']) =>
      image === 'vcos-federation' ? [] : [image],
    );
    expect(images).toHaveLength(5);
    for (const image of images) expect(image).toMatch(/^[a-z0-9/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    expect(/GF_PLUGINS_PREINSTALL_SYNC: (\S+)/.exec(compose)?.[1]).toMatch(
      /^grafana-clickhouse-datasource@\d+\.\d+\.\d+$/,
    );
  });

  test('goal: no password has a default, and the first lines name each', () => {
    const variables = [...compose.matchAll(/\$\{([A-Z0-9_]+)(\S\S)/g)];
    expect(variables.map(([, , rule]) => rule)).toEqual(variables.map(() => ':?'));
    const usage = compose.slice(0, compose.indexOf('docker compose up'));
    for (const [, name = ''] of variables) expect(usage).toContain(`${name}=…`);
  });

  test('goal: what the roles are told fits their configuration, whatever characters a password has', () => {
    const password = 'a/b#c@d:e?f%g h';
    const [, lines = ''] = /^x-role: [^]*?^ {2}environment:\n((?: {4}.+\n)+)/m.exec(compose) ?? [];
    const told = [...lines.matchAll(/^ {4}([A-Z_]+): (.+)$/gm)].map(
      ([, name = '', value = '']) => [name, value.replaceAll(/\$\{[^}]+\}/g, password)] as const,
    );
    expect(told.length).toBeGreaterThan(3);
    const config = readConfig(Object.fromEntries(told));
    expect(config.graphStore).toMatchObject({ url: 'bolt://neo4j:7687', user: 'neo4j', password });
    expect(config.warehouse).toMatchObject({ url: 'http://clickhouse:8123', user: 'vcos', password });
    expect(config.eventLog?.brokers).toEqual(['kafka:9092']);
  });

  test('goal: whoever holds data or requests has longer to end than requests may take', () => {
    const { drainMs } = readConfig({}).drain;
    const withRole = /^x-role: [^]*?^ {2}environment:/m.exec(compose)?.[0] ?? '';
    for (const text of [withRole, ...['kafka', 'neo4j', 'clickhouse'].map((name) => services.get(name) ?? '')]) {
      const minutes = Number(/^ +stop_grace_period: (\d+)m$/m.exec(text)?.[1]);
      expect(minutes * 60_000).toBeGreaterThan(drainMs * 3);
    }
  });

  test('goal: Kafka never forgets how far a stream was that rests', () => {
    expect(services.get('kafka')).toContain('KAFKA_OFFSETS_RETENTION_MINUTES: 2147483647\n');
  });

  test('goal: Prometheus asks every role, at the port where it tells its figures; Grafana finds it', () => {
    const prometheus = read('infra/prometheus/prometheus.yml');
    const asked = [...prometheus.matchAll(/names: \[([^\]]+)\]/g)].flatMap(([, names = '']) => names.split(', '));
    expect(asked.toSorted()).toEqual(roles.toSorted());
    const port = /METRICS_PORT: (\d+)/.exec(compose)?.[1];
    const ports = [...prometheus.matchAll(/port: (\d+)/g)].map((match) => match[1]);
    expect(ports).toEqual([port, port, port]);
    // Clients are let in at 4000 only.
    expect(compose).not.toMatch(new RegExp(`'${port}:|:${port}'`));
    expect(read('infra/grafana/provisioning/datasources/prometheus.yaml')).toContain('url: http://prometheus:9090');
  });
});
