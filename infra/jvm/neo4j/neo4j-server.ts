import { join } from 'node:path';
import neo4j from 'neo4j-driver';
import { freePort, startJvm, waitUntilHealthy } from '../jvm-process.ts';
import { resolveClasspath } from '../maven.ts';
import type { JvmServer, RunningServer, ServerPlace } from '../server.ts';
import { versions } from '../versions.ts';

const startMsMax = 300_000;
const here = import.meta.dirname;
/** For a server that listens on this machine only and that tests fill. */
const password = 'vcos-local';
/** Neo4j reaches into the JDK, as its own launcher allows it to. */
const opened = ['java.nio', 'java.io', 'sun.nio.ch', 'java.util.concurrent'];

/** Neo4j Community, one node, unencrypted, on this machine's own address. */
export const neo4jServer: JvmServer = { name: 'neo4j', defaultPort: 7687, start };

async function start({ directory, port: wanted, say }: ServerPlace): Promise<RunningServer> {
  const port = wanted === 0 ? await freePort() : wanted;
  const classpath = await resolveClasspath({
    pom: join(here, 'pom.xml'),
    properties: { 'neo4j.version': versions.neo4j },
    say,
  });
  const logFile = join(directory, 'server.log');
  const pid = startJvm(
    {
      classpath,
      options: [
        '-Xmx1g',
        '-Xss2m',
        '-XX:+UseSerialGC',
        ...opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
      ],
      // Java compiles a program of one file by itself.
      mainClass: join(here, 'Neo4jServer.java'),
      args: [directory, join(here, 'neo4j.conf'), String(port), password],
    },
    logFile,
  );
  const address = `127.0.0.1:${port}`;
  await waitUntilHealthy({ pid, logFile, timeoutMs: startMsMax, check: () => answers(address) });
  return { pid, environment: { GRAPH_STORE_URL: `bolt://neo4j:${password}@${address}` } };
}

async function answers(address: string): Promise<void> {
  const driver = neo4j.driver(`bolt://${address}`, neo4j.auth.basic('neo4j', password), { connectionTimeout: 1_000 });
  try {
    await driver.verifyAuthentication();
    await driver.executeQuery('RETURN 1', {}, { database: 'neo4j' });
  } finally {
    await driver.close();
  }
}
