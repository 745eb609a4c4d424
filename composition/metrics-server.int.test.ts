import { afterEach, describe, expect, test } from '@jest/globals';
import { TopicError } from '../engines/event-log/port.ts';
import { startPlatform } from '../gateway/scenarios/platform.ts';
import type { Stage } from '../streams/shared/stage.ts';
import { type MetricsServer, serveMetrics } from './metrics-server.ts';
import { createStageRegistry } from './stage-metrics.ts';

const server = { host: '127.0.0.1', port: 0 };
let running: MetricsServer | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

describe('the figures of a role', () => {
  test('goal: /metrics tells dead letters, duplicates, the outbox and the process; nothing else is answered', async () => {
    const registry = createStageRegistry();
    registry.watchOutbox({ depth: async () => ({ records: 7, ageMs: 1_500 }) });
    registry.metrics.count('canon', 'deadLetter', 'SCHEMA', 3);
    registry.metrics.count('canon', 'drop', 'DUPLICATE', 2);
    registry.metrics.count('canon', 'drop', 'OTHER', 5);
    running = await serveMetrics({ metricsPort: 0, server }, registry);
    const base = `http://127.0.0.1:${running?.port}`;
    const answer = await fetch(`${base}/metrics`);
    const lines = (await answer.text()).split('\n');
    expect(answer.status).toBe(200);
    expect(lines).toContain('vcos_stream_dead_letters_total{stage="canon",reason="SCHEMA"} 3');
    expect(lines).toContain('vcos_stream_duplicates_total{stage="canon"} 2');
    expect(lines).toContain('vcos_outbox_depth_records 7');
    expect(lines).toContain('vcos_outbox_age_seconds 1.5');
    expect(lines.some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true);
    expect((await fetch(`${base}/`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  test('goal: a gateway tells its figures there and no client, or clients where there is no such port', async () => {
    for (const metricsElsewhere of [false, true]) {
      const { gateway } = await startPlatform({ metricsElsewhere });
      running = await serveMetrics({ metricsPort: 0, server }, gateway);
      const told = await (await fetch(`http://127.0.0.1:${running?.port}/metrics`)).text();
      expect(told.match(/^vcos_gateway_open_subscriptions 0$/gm)).toHaveLength(1);
      expect(told.match(/^process_resident_memory_bytes /gm)).toHaveLength(1);
      const asClient = await fetch(new URL('/metrics', gateway.address?.url));
      expect([asClient.status, await asClient.text()]).toEqual(
        metricsElsewhere ? [404, 'metrics are not told here: METRICS_PORT says where\n'] : [200, expect.any(String)],
      );
      await running?.stop();
      await gateway.stop();
    }
  });

  test('goal: a stage whose topic is not what it was has no number, and all others have theirs', async () => {
    const registry = createStageRegistry();
    const lag = async (): Promise<never> => Promise.reject(new TopicError('the topic was made anew'));
    registry.watch([{ name: 'canon', lag } as unknown as Stage]);
    registry.watchOutbox({ depth: async () => ({ records: 7, ageMs: 0 }) });
    const lines = (await registry.text()).split('\n');
    expect(lines).toContain('vcos_stream_lag_records{stage="canon"} Nan');
    expect(lines).toContain('vcos_outbox_depth_records 7');
  });

  test('limit: an engine that is away, or silent, takes its own figures only: the outbox is told while Kafka is down', async () => {
    const registry = createStageRegistry({ patienceMs: 1 });
    const refused = async (): Promise<never> => Promise.reject(new Error('Kafka at 10.0.0.1 does not answer'));
    const silent = (): Promise<never> => new Promise(() => undefined);
    registry.watch([
      { name: 'canon', lag: refused } as unknown as Stage,
      { name: 'reputation', lag: silent } as unknown as Stage,
    ]);
    registry.watchWarehouse({ query: silent });
    registry.metrics.failure('canon');
    const told = { records: 7, ageMs: 90_000 };
    let depth: () => Promise<typeof told> = async () => told;
    registry.watchOutbox({ depth: () => depth() });
    running = await serveMetrics({ metricsPort: 0, server }, registry);
    const url = `http://127.0.0.1:${running?.port}/metrics`;
    const lines = async (): Promise<readonly string[]> => {
      const answer = await fetch(url);
      expect(answer.status).toBe(200);
      return (await answer.text()).split('\n');
    };
    const withoutKafka = await lines();
    for (const line of [
      'vcos_stream_lag_records{stage="canon"} Nan',
      'vcos_stream_lag_records{stage="reputation"} Nan',
      'vcos_stream_failures_total{stage="canon"} 1',
      'vcos_outbox_depth_records 7',
      'vcos_outbox_age_seconds 90',
      'vcos_warehouse_duplicate_blocks 0',
    ])
      expect(withoutKafka).toContain(line);
    depth = refused;
    const withoutStore = await lines();
    expect(withoutStore).toContain('vcos_outbox_depth_records Nan');
    expect(withoutStore).toContain('vcos_stream_failures_total{stage="canon"} 1');
    depth = async () => told;
    expect(await lines()).toContain('vcos_outbox_depth_records 7');
  });

  test('limit: no port, no server; a port that is taken is named', async () => {
    const registry = createStageRegistry();
    expect(await serveMetrics({ metricsPort: null, server }, registry)).toBeNull();
    running = await serveMetrics({ metricsPort: 0, server }, registry);
    await expect(serveMetrics({ metricsPort: running?.port ?? 0, server }, registry)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(/^environment variable METRICS_PORT: cannot listen on port \d+ of 127\.0\.0\.1/),
    });
  });
});
