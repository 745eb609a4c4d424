import type { LogRecord } from '../../engines/event-log/port.ts';
import type { TopicName } from '../../schema/topics.ts';
import type { StateView } from './state.ts';

/**
 * What became of a message. Reasons are short codes (`UPPER_SNAKE`), used as metric labels: no ids and no personal data in
 * them. `message` goes into the dead letter for a human and names fields, never their values.
 */
export type StepResult<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'drop'; readonly reason: string }
  | { readonly kind: 'deadLetter'; readonly reason: string; readonly message: string }
  | { readonly kind: 'redirect'; readonly to: TopicName; readonly reason: string };

export const ok = <T>(value: T): StepResult<T> => ({ kind: 'ok', value });
export const done: StepResult<void> = { kind: 'ok', value: undefined };
export const drop = (reason: string): StepResult<never> => ({ kind: 'drop', reason });
export const deadLetter = (reason: string, message: string): StepResult<never> => ({
  kind: 'deadLetter',
  reason,
  message,
});
/** Sends the record on to another topic as it came, under its own key and id. */
export const redirect = (to: TopicName, reason: string): StepResult<never> => ({ kind: 'redirect', to, reason });

/** A record for an output. `value` is written as JSON. The id must be a function of the input, so that a replay gives the same one. */
export interface Emission {
  readonly key: string;
  readonly id: string;
  readonly value: unknown;
  readonly partition?: number;
  /** Of the emissions to an output that name the same thing here, a batch appends only the last: nobody misses those before it. */
  readonly newestOf?: string;
}

/** What a step may see and do beside its input. State writes and emissions of a message count only when its last step returns ok. */
export interface StepContext<Out extends TopicName = never> {
  /** The record being handled: its position is the only identity and its `appendedAtMs` the only time that a replay repeats. */
  readonly record: LogRecord;
  readonly state: StateView;
  readonly emit: (output: Out, emission: Emission) => void;
}

/** A pure, synchronous function: the same input, record and state give the same result, writes and emissions. */
export type Step<I, O, Out extends TopicName = never> = (input: I, context: StepContext<Out>) => StepResult<O>;

/** Runs steps one after the other until one does not return ok. */
export function pipe<A, B, Out extends TopicName>(first: Step<A, B, Out>): Step<A, B, Out>;
export function pipe<A, B, C, Out extends TopicName>(first: Step<A, B, Out>, second: Step<B, C, Out>): Step<A, C, Out>;
export function pipe<A, B, C, D, Out extends TopicName>(
  first: Step<A, B, Out>,
  second: Step<B, C, Out>,
  third: Step<C, D, Out>,
): Step<A, D, Out>;
export function pipe<A, B, C, D, E, Out extends TopicName>(
  first: Step<A, B, Out>,
  second: Step<B, C, Out>,
  third: Step<C, D, Out>,
  fourth: Step<D, E, Out>,
): Step<A, E, Out>;
export function pipe<A, B, C, D, E, F, Out extends TopicName>(
  first: Step<A, B, Out>,
  second: Step<B, C, Out>,
  third: Step<C, D, Out>,
  fourth: Step<D, E, Out>,
  fifth: Step<E, F, Out>,
): Step<A, F, Out>;
export function pipe(...steps: readonly Step<unknown, unknown, TopicName>[]): Step<unknown, unknown, TopicName> {
  return (input, context) => {
    let value = input;
    for (const step of steps) {
      const result = step(value, context);
      if (result.kind !== 'ok') return result;
      value = result.value;
    }
    return ok(value);
  };
}
