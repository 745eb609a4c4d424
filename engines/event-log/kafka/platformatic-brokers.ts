import { isIP } from 'node:net';
import { Connection, type ConnectionOptions, apiVersionsV3, metadataV12 } from '@platformatic/kafka';
import type { ClusterAddress } from './client.ts';
import { hostAndPort, onTlsRecord, speaksTls } from './security.ts';
import { WireError } from './wire.ts';

const clientId = 'vcos';
/** Requests of one connection that are under way; a broker handles them one after the other. */
const inflightMax = 1_000;

interface Address {
  readonly host: string;
  readonly port: number;
}

/** One lane of connections: at most one to each broker, and what is known of who leads which partition. */
export class Brokers {
  readonly #address: ClusterAddress;
  readonly #connections = new Map<string, { readonly connection: Connection; readonly ready: Promise<Connection> }>();
  readonly #nodes = new Map<number, Address>();
  /** By topic, the leader of each partition; -1 where there is none. */
  readonly #leaders = new Map<string, readonly number[]>();
  /** Those whose logins end, with what was asked of them before. */
  readonly #retired = new Set<Connection>();
  #isCut = false;

  constructor(address: ClusterAddress) {
    this.#address = address;
  }

  async leadersOf(topic: string): Promise<readonly number[]> {
    const known = this.#leaders.get(topic);
    if (known !== undefined) return known;
    const { brokers, topics } = await metadataV12.api.async(await this.any(), [topic], false, false);
    for (const { nodeId, host, port } of brokers) this.#nodes.set(nodeId, { host, port });
    const found = topics.find(({ name }) => name === topic);
    if (found === undefined) throw new WireError('UNKNOWN_TOPIC_OR_PARTITION', `${topic} does not exist`);
    const leaders: number[] = [];
    for (const { partitionIndex, leaderId } of found.partitions) leaders[partitionIndex] = leaderId;
    this.#leaders.set(topic, leaders);
    return leaders;
  }

  /** Who leads what is asked anew. */
  forgetLeaders(): void {
    this.#leaders.clear();
  }

  async node(nodeId: number): Promise<Connection> {
    const address = this.#nodes.get(nodeId);
    if (address === undefined)
      throw new WireError('LEADER_NOT_AVAILABLE', `the address of broker ${nodeId} is not known`);
    return this.at(address);
  }

  /** The first broker that takes a connection: those that were given, then those that were met. */
  async any(): Promise<Connection> {
    const given: readonly Address[] = this.#address.brokers.map(hostAndPort);
    let failure: unknown;
    for (const address of [...given, ...this.#nodes.values()]) {
      try {
        return await this.at(address);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  at({ host, port }: Address): Promise<Connection> {
    if (this.#isCut) return Promise.reject(new WireError('CLOSED', 'the connection to Kafka is closed'));
    const name = `${host}:${port}`;
    const open = this.#connections.get(name);
    if (open !== undefined) return open.ready;
    const connection = new Connection(clientId, {
      connectTimeout: this.#address.connectMsMax,
      requestTimeout: this.#address.requestMsMax,
      maxInflights: inflightMax,
      ...this.#securityAt(host),
    });
    const forget = (): void => {
      if (this.#connections.get(name)?.connection === connection) this.#connections.delete(name);
    };
    connection.on('error', forget);
    connection.on('close', () => {
      forget();
      this.#retired.delete(connection);
      // Its timer for the next login goes on otherwise.
      void connection.close();
    });
    // Where logins end, the library logs in anew among the requests of others, which brokers refuse. Another connection takes its place in time instead.
    connection.reauthenticate = () => {
      forget();
      this.#retired.add(connection);
      setTimeout(() => void connection.close(), this.#address.requestMsMax).unref();
    };
    const ready = this.#connect(connection, { host, port });
    ready.catch(forget);
    this.#connections.set(name, { connection, ready });
    return ready;
  }

  async #connect(connection: Connection, { host, port }: Address): Promise<Connection> {
    const connecting = Promise.resolve(connection.connect(host, port));
    const { tls } = this.#address.security;
    const answered: { inTls: boolean; alert: Error | null } = { inTls: false, alert: null };
    if (tls) connection.socket.once('error', (error) => (answered.alert = error));
    else onTlsRecord(connection.socket, () => (answered.inTls = true));
    try {
      await connecting;
      // What a broker thinks of a client's certificate it says only after both sides have taken the connection for made.
      if (tls) await apiVersionsV3.api.async(connection, clientId, '1');
    } catch (error) {
      if (answered.alert !== null)
        throw new WireError('CONNECTION', `Connection to ${host}:${port} failed. ${answered.alert.message}`, {
          cause: answered.alert,
        });
      // With a login the library says only that nobody answers how.
      if (answered.inTls)
        throw new WireError('CONNECTION', `Connection to ${host}:${port} failed. ${speaksTls}`, { cause: error });
      throw error;
    }
    return connection;
  }

  #securityAt(host: string): ConnectionOptions {
    const { tls, login, certificate } = this.#address.security;
    return {
      // Brokers behind one address are told apart by the name that they are asked for; addresses are no names.
      ...(tls && { tls: { ...certificate }, tlsServerName: isIP(host) === 0 }),
      ...(login && { sasl: { mechanism: login.mechanism, username: login.user, password: login.password } }),
    };
  }

  /** Ends the connections at once; requests in flight reject. */
  async cut(): Promise<void> {
    this.#isCut = true;
    const open = [...this.#connections.values()];
    this.#connections.clear();
    for (const { connection } of open) connection.socket.destroy();
    for (const connection of this.#retired) connection.socket.destroy();
    await Promise.allSettled(open.map(({ ready }) => ready));
  }
}
