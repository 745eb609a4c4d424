import type { TopicSpec } from '../../../schema/topics.ts';
import { type OutboxLog, shardsCount } from '../../outbox/port.ts';
import type { OutgoingRecord } from '../port.ts';
import { type PlacedRecord, Transactions } from './transactions.ts';
import type { Wire } from './wire.ts';

/** Holds nothing. A group's offsets in its partitions say how far each shard was carried. */
export const outboxPlaces: TopicSpec = { name: 'vcos.outbox.places', partitions: shardsCount, cleanup: 'keep' };

/**
 * Kafka as the end of an outbox: records and the places of their shards, which are offsets of a group that is the source's alone, commit in one transaction of the
 * writer's own transactional id. Opening that id anew fences the writer, and aborts or completes what it had under way.
 */
export function kafkaOutboxLog({
  wire,
  place,
}: {
  readonly wire: Wire;
  readonly place: (records: readonly OutgoingRecord[]) => Promise<readonly PlacedRecord[]>;
}): OutboxLog {
  const groupOf = (source: string): string => `outbox-${source}`;
  const open = (source: string, writer: string): Promise<Transactions> =>
    Transactions.open(wire, `${groupOf(source)}-${writer}`);
  return {
    async openWriter({ source, writer }) {
      const transactions = await open(source, writer);
      const group = groupOf(source);
      return {
        async append(records, places) {
          const offsets = places.map(({ shard, seq }) => ({
            group,
            topic: outboxPlaces.name,
            partition: shard,
            next: seq,
          }));
          await transactions.commit(await place(records), offsets);
        },
      };
    },
    async takeOver({ source, writers, shards }) {
      for (const writer of writers) await open(source, writer);
      return wire.committed(groupOf(source), outboxPlaces.name, shards);
    },
  };
}
