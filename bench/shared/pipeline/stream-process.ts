/** `node bench/shared/pipeline/stream-process.ts WORKLOAD`: the processor of a workload and its sinks on Kafka and ClickHouse, without anything else, until SIGTERM. */
import { KafkaEventLog } from '../../../engines/event-log/kafka-event-log.ts';
import { kafkaClient } from '../../../engines/event-log/kafka/clients.ts';
import { openClickHouseWarehouse } from '../../../engines/warehouse/clickhouse-warehouse.ts';
import { readConfig } from '../../../runtime/config.ts';
import { tuneGarbageCollection } from '../../../runtime/garbage-collection.ts';
import { createLogger } from '../../../runtime/logger.ts';
import { workloads } from './workloads.ts';

tuneGarbageCollection();
const workload = workloads.find(({ name }) => name === process.argv[2]);
const { eventLog: kafka, warehouse: clickHouse, dataDir, streamThreads } = readConfig();
if (!workload || !kafka || !clickHouse) throw new Error('a workload, EVENT_LOG_BROKERS and WAREHOUSE_URL are needed');
const ended = new Promise((resolve) => process.once('SIGTERM', resolve));
const eventLog = new KafkaEventLog({ ...kafka, client: await kafkaClient(kafka.client) });
const warehouse = await openClickHouseWarehouse(clickHouse);
const stages = await workload.stages({
  eventLog,
  warehouse,
  dataDir,
  logger: createLogger('warn'),
  hasThreads: streamThreads,
});
for (const stage of stages) await stage.start();
process.stdout.write('runs\n');
await ended;
for (const stage of stages) await stage.stop();
await warehouse.close();
await eventLog.close();
