import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { KafkaEventLog } from '../engines/event-log/kafka-event-log.ts';
import { kafkaClient } from '../engines/event-log/kafka/clients.ts';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { topics } from '../schema/topics.ts';
import type { CommandLine } from './command-line.ts';
import { openEngines } from './engines.ts';
import { rebuild } from './rebuild.ts';

// Where the log is on servers no lock keeps other processes out: beside their states, none may be written, and what they read not be thrown away.
test('goal: nothing is rebuilt while a processor is at work in any process', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vcos-test-rebuild-'));
  const logger = createLogger('silent');
  const config = readConfig({
    EVENT_LOG_BROKERS: process.env['EVENT_LOG_BROKERS'],
    EVENT_LOG_PREFIX: `test-${randomUUID()}.`,
    EVENT_PARTITIONS: '2',
    DATA_DIR: dataDir,
    PORT: '0',
  });
  if (config.eventLog === null) throw new Error('EVENT_LOG_BROKERS is missing');
  const line: CommandLine = {
    config,
    logger,
    args: [],
    until: new Promise(() => undefined),
    signal: new AbortController().signal,
  };
  const elsewhere = new KafkaEventLog({ ...config.eventLog, client: await kafkaClient(config.eventLog.client) });
  try {
    await (await openEngines(config, { logger })).close();
    const mark = join(dataDir, 'warehouse', 'mark');
    writeFileSync(mark, '');
    const assigned = Promise.withResolvers<undefined>();
    const member = await elsewhere.consume({
      group: 'telemetry',
      topics: [topics.telemetryReports.name],
      batchMax: 10,
      onAssigned: () => Promise.resolve(assigned.resolve(undefined)),
      onBatch: () => Promise.resolve([]),
      onError: () => undefined,
    });
    await assigned.promise;
    await expect(rebuild(line)).rejects.toThrow(/^the processor telemetry is at work.*stop every process with streams/);
    expect(existsSync(mark)).toBe(true);
    await member.close();
    expect(await rebuild(line)).toBe(0);
    expect(existsSync(mark)).toBe(false);
  } finally {
    await elsewhere.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
