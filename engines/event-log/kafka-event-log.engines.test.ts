import { randomUUID } from 'node:crypto';
import { eventLogConformance } from './conformance.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { kafkaClient } from './kafka/clients.ts';
import type { EventLog } from './port.ts';

const brokers = (process.env['EVENT_LOG_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
if (brokers.length === 0)
  throw new Error('EVENT_LOG_BROKERS is not set: run `npm run test:engines`, which starts a broker');

/** So short only because killed members must be given up for dead within a test's time; longer than this process waits for its turn on a busy machine. */
const sessionMsMax = 3_000;
/** Each story has deaths in it, after which a session must run out. `EVENT_LOG_STORIES=60` plays more. */
const stories = Number(process.env['EVENT_LOG_STORIES'] ?? 12);

const clients = ['platformatic', 'kafkajs'] as const;

for (const name of clients) {
  eventLogConformance(`Kafka through ${name}`, async () => {
    const prefix = `test-${randomUUID()}.`;
    const client = await kafkaClient(name);
    const logs = new Map<EventLog, KafkaEventLog>();
    return {
      dropsRepetitions: false,
      revokeMsMax: 2_000,
      stories,
      open: async (revokeMsMax) => {
        const log = new KafkaEventLog({ client, brokers, prefix, revokeMsMax, sessionMsMax });
        logs.set(log, log);
        return log;
      },
      crash: async (log) => logs.get(log)?.abandon(),
      dispose: () => Promise.resolve(),
    };
  });
}
