import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import neo4j from 'neo4j-driver';
import { isRunning, stopProcess } from '../jvm/jvm-process.ts';
import { kafkaServer } from '../jvm/kafka/kafka-server.ts';
import { neo4jServer } from '../jvm/neo4j/neo4j-server.ts';
import { testNeo4jAt } from '../jvm/neo4j/testing.ts';
import type { JvmServer, RunningServer } from '../jvm/server.ts';

export type ServerName = 'kafka' | 'neo4j';

const kinds: Readonly<Record<ServerName, JvmServer>> = { kafka: kafkaServer, neo4j: neo4jServer };
const endPollMs = 20;

/** A Kafka broker and a Neo4j server that all seeds of a run share, one after the other, and that can be killed. */
export class ServersUnderChaos {
  readonly #root: string;
  readonly #running = new Map<ServerName, RunningServer>();
  readonly #ports = new Map<ServerName, number>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async start(root: string): Promise<ServersUnderChaos> {
    const servers = new ServersUnderChaos(root);
    try {
      // One after the other: on two cores both would only wait for each other.
      for (const name of Object.keys(kinds) as ServerName[]) await servers.#start(name);
      return servers;
    } catch (error) {
      await servers.stop();
      throw error;
    }
  }

  /** What a process needs in its environment to find them. */
  get environment(): Readonly<Record<string, string>> {
    return Object.assign({}, ...[...this.#running.values()].map(({ environment }) => environment)) as Record<
      string,
      string
    >;
  }

  /** Where one keeps its files. */
  directory(name: ServerName): string {
    return join(this.#root, 'servers', name);
  }

  /** Kills one with -9 and has it back, at the same address, some time later. */
  async strike(name: ServerName, downMs: number): Promise<void> {
    const pid = this.#running.get(name)?.pid;
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    while (isRunning(pid)) await sleep(endPollMs);
    await sleep(downMs);
    await this.#start(name);
  }

  /** Whether a text stands in anything that Neo4j holds. */
  async storeHolds(text: string): Promise<boolean> {
    const { url, user, password, database } = this.#neo4j();
    const driver = neo4j.driver(url, neo4j.auth.basic(user, password));
    try {
      const { records } = await driver.executeQuery(
        'MATCH (n) WITH properties(n) AS held UNWIND keys(held) AS key WITH held[key] AS value WHERE any(each IN CASE WHEN value IS :: LIST<ANY> THEN value ELSE [value] END WHERE toStringOrNull(each) CONTAINS $text) RETURN value LIMIT 1',
        { text },
        { database },
      );
      return records.length > 0;
    } finally {
      await driver.close();
    }
  }

  /** Empties both of what a seed has left, so that the next does not pay for it. */
  async wipe(prefix: string): Promise<void> {
    await this.#neo4j().wipe();
    const brokers = [this.environment['EVENT_LOG_BROKERS'] ?? ''];
    const admin = new Admin({ clientId: 'chaos', bootstrapBrokers: brokers });
    try {
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
      if (topics.length > 0) await admin.deleteTopics({ topics });
    } finally {
      await admin.close();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ pid }) => stopProcess(pid)));
    this.#running.clear();
  }

  #neo4j(): ReturnType<typeof testNeo4jAt> {
    return testNeo4jAt(this.environment['GRAPH_STORE_URL'] ?? '', () => Promise.resolve());
  }

  async #start(name: ServerName): Promise<void> {
    const directory = this.directory(name);
    mkdirSync(directory, { recursive: true });
    const server = await kinds[name].start({ directory, port: this.#ports.get(name) ?? 0, say: () => undefined });
    this.#running.set(name, server);
    const [address = ''] = Object.values(server.environment);
    this.#ports.set(name, Number(address.split(':').at(-1)));
  }
}
