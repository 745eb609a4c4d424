/** Where one server runs: its own directory, port and settings. */
export interface ServerPlace {
  /** Holds the server's data, its log and its state file; exists. */
  readonly directory: string;
  /** Told on one line each: downloads, starts, waits. */
  readonly say: (text: string) => void;
  /** The port that clients connect to; 0 takes a free one. */
  readonly port: number;
}

/** A server that has answered its health check. It goes on after the process that started it has ended. */
export interface RunningServer {
  readonly pid: number;
  /** What the platform's configuration needs to find it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A server of the distributed set-up as a plain JVM process. `infra/jvm/servers.ts` lists them. */
export interface JvmServer {
  readonly name: string;
  /** The port that it takes unless told otherwise by `<NAME>_PORT`. */
  readonly defaultPort: number;
  /** Resolves when it is healthy; rejects, with nothing left running, where it does not become so. */
  start(place: ServerPlace): Promise<RunningServer>;
}
