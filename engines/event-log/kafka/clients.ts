import type { KafkaClient } from './client.ts';

export type KafkaClientName = 'platformatic' | 'kafkajs';

/** Each library is loaded where it is wanted only: one of them takes most of a second. */
const clients: Readonly<Record<KafkaClientName, () => Promise<KafkaClient>>> = {
  platformatic: async () => (await import('./platformatic-client.ts')).platformaticClient,
  kafkajs: async () => (await import('./kafkajs-client.ts')).kafkajsClient,
};

export const kafkaClient = (name: KafkaClientName): Promise<KafkaClient> => clients[name]();
