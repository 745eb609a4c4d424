/** What the distributed engines are tested with. `docker-compose.yml` names the same versions; `versions.test.ts` compares. */
export const versions = {
  kafka: '4.1.0',
  log4j: '2.25.2',
  /** The long-term line, and the last one that runs on Java 17. */
  neo4j: '5.26.30',
} as const;
