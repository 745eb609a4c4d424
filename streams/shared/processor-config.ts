import type { LogRecord } from '../../engines/event-log/port.ts';
import type { TopicName } from '../../schema/topics.ts';
import type { ProcessorPlace } from './partition-thread.ts';
import type { Store } from './state.ts';
import type { Step } from './step.ts';

export interface ProcessorLimits {
  /** Records in a batch. */
  readonly batchMax: number;
  /** How long a batch waits to grow. */
  readonly lingerMs: number;
  /** Characters of one state entry as JSON. */
  readonly stateEntryCharsMax: number;
  /** Characters of one emitted value as JSON. */
  readonly emissionCharsMax: number;
  /** Emissions of one message. */
  readonly emissionsMax: number;
}

export const defaultLimits: ProcessorLimits = {
  batchMax: 2_000,
  lingerMs: 5,
  stateEntryCharsMax: 262_144,
  emissionCharsMax: 1_000_000,
  emissionsMax: 10_000,
};

/**
 * A processor: consumes one topic, keeps state per partition, emits to declared outputs. State changes, outputs, dead
 * letters and the input's offsets commit together. A message whose step throws becomes a dead letter (`HANDLER_FAILED`): steps are pure,
 * so it would throw again.
 */
export interface ProcessorConfig<M, Out extends TopicName> {
  /** Names the consumer group and the changelog topic; never changes once data is there. */
  readonly name: string;
  readonly input: TopicName;
  /** Everything that steps emit or redirect to. */
  readonly outputs: readonly Out[];
  readonly stores: readonly Store<unknown>[];
  readonly decode: Step<LogRecord, M, Out>;
  /** The id by which a repeated message is dropped (`DUPLICATE`), exact and for ever; null for messages that are not deduplicated. */
  readonly dedupBy?: (message: M) => string | null;
  readonly handle: Step<M, void, Out>;
  readonly limits?: Partial<ProcessorLimits>;
  /** Where a thread of its own finds this very processor: for those with enough to do. */
  readonly place?: ProcessorPlace;
}
