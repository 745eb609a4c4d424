import { kafkaServer } from './kafka/kafka-server.ts';
import { neo4jServer } from './neo4j/neo4j-server.ts';
import type { JvmServer } from './server.ts';

/** Every server that `npm run engines:up` starts, in the order in which they start. */
export const servers: readonly JvmServer[] = [kafkaServer, neo4jServer];
