import { jest } from '@jest/globals';
import { startTestNeo4j } from '../../infra/jvm/neo4j/testing.ts';
import type { EventLog } from '../event-log/port.ts';
import { openSqliteEngines } from '../sqlite/open-engines.ts';
import { testDirectory } from '../sqlite/testing.ts';
import { graphStoreConformance } from './conformance.ts';
import { type Neo4jGraphStore, openNeo4jGraphStore } from './neo4j-graph-store.ts';

// The suite's 10,000-edge node is 20,000 statements, each of which waits for the one before it.
jest.setTimeout(300_000);

graphStoreConformance('Neo4j', async () => {
  const [server, directory] = await Promise.all([startTestNeo4j({ shared: true }), testDirectory()]);
  await server.empty();
  return {
    async open() {
      const embedded = openSqliteEngines({ directory: directory.path });
      const onError = (error: unknown): void => console.error(error);
      const store = await openNeo4jGraphStore({
        ...server,
        eventLog: embedded.eventLog,
        onError,
        transactionMsMax: 200_000,
      });
      return { store, eventLog: afterRelay(embedded, store) };
    },
    async dispose() {
      await server.stop();
      await directory.remove();
    },
  };
});

/** The log as it is once the outbox has been carried to it. */
function afterRelay(embedded: ReturnType<typeof openSqliteEngines>, store: Neo4jGraphStore): EventLog {
  const { eventLog } = embedded;
  return Object.assign(Object.create(eventLog) as EventLog, {
    ensureTopics: (specs: Parameters<EventLog['ensureTopics']>[0]) => eventLog.ensureTopics(specs),
    async read(options: Parameters<EventLog['read']>[0]) {
      await store.relay.settled();
      return eventLog.read(options);
    },
    async close() {
      await eventLog.close();
      await embedded.store.close();
    },
  });
}
