/** What a seed's faults strike: the embedded platform, or its roles on servers. */
export interface Target<F> {
  /** Where clients send to; null while there is nobody. Throws what went wrong with a process that no fault explains. */
  readonly url: string | null;
  /** What its processes said. */
  readonly said: string;
  /** How often a process was started. */
  readonly starts: number;
  /** Faults of the plan that this machine cannot cause. */
  readonly leftOut: readonly string[];
  start(): Promise<void>;
  /** Begins a fault. Those that last go on beside the load. */
  cause(fault: F): Promise<void>;
  /** Resolves when no fault is under way any more. */
  calm(): Promise<void>;
  serving(): Promise<string>;
  /** Resolves when everything that was sent to it and imported is processed. */
  drained(): Promise<void>;
  /** Ends it in an orderly way, with its data in place; throws where it did not end well. */
  stop(): Promise<void>;
  /** What the checker needs in its environment to find the data. */
  readonly environment: Readonly<Record<string, string>>;
  /** Traces of erased words that the checker does not find in the data directory. */
  tracesOf(text: string): Promise<readonly string[]>;
  /** Ends whatever is left, however it is. */
  destroy(): Promise<void>;
}
