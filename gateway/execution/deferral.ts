import type { GraphQLError } from 'graphql';
import { errorCodes, gatewayError } from '../errors.ts';
import type { ResponsePath } from '../errors.ts';
import type { DeferredPlan } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import type { ExecutionDependencies } from './call.ts';
import { compilePlan } from './compile-plan.ts';
import type { DataObject } from './data.ts';
import type { Result } from './executor.ts';
import type { Step } from './root-fetch.ts';
import type { DeferredShape, Point } from './shape.ts';
import { ErrorList, toldErrors } from './state.ts';
import type { ExecutionState } from './state.ts';

/** An operation with deferred parts, ready to run. */
export interface CompiledDeferral {
  readonly plan: CompiledParts;
  readonly shape: DeferredShape;
  /** What the client calls a part, by its name. */
  readonly labels: ReadonlyMap<string, string | undefined>;
}

interface CompiledParts {
  readonly run: Step | null;
  readonly parts: readonly {
    readonly name: string;
    readonly depends: readonly string[];
    readonly plan: CompiledParts;
  }[];
}

/** A deferred part at one place of the response, as the incremental delivery proposal of 2022-08-24 has it. */
export interface IncrementalPart {
  /** Null where a field in it is null that must not be. */
  readonly data: DataObject | null;
  readonly path: ResponsePath;
  readonly label?: string;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Told of an answer as it comes. */
export interface PartsListener {
  /** Once and first: what is not deferred. */
  onFirst(result: Result, hasNext: boolean): void;
  /** Parts that became ready together. */
  onNext(incremental: readonly IncrementalPart[], hasNext: boolean): void;
}

/** Compiles a plan with its parts. */
export function compileDeferredPlan(
  { node, parts }: DeferredPlan,
  types: TypeIndex,
  dependencies: ExecutionDependencies,
): CompiledParts {
  return {
    run: node && compilePlan(node, types, dependencies),
    parts: parts.map(({ name, depends, plan }) => ({
      name,
      depends,
      plan: compileDeferredPlan(plan, types, dependencies),
    })),
  };
}

/** A part that runs or waits. */
interface Begun {
  /** What went wrong in its own fetches. */
  readonly errors: ErrorList;
  /** When all of its own fetches are done; never rejects. */
  readonly done: Promise<void>;
}

/**
 * Runs an operation and its parts. A part's fetches begin as soon as those are done that it depends on; it is told after what it is part of.
 * All that subgraphs say goes into one response, of which each part shows what is its own.
 */
export async function runInParts(
  { plan, shape, labels }: CompiledDeferral,
  state: ExecutionState,
  introspection: DataObject | null,
  listener: PartsListener,
): Promise<void> {
  const parts = new Map<string, Begun>();
  await begin(plan, state, { begun: parts, fetched: new Gates(), around: Promise.resolve() });
  const { data, points } = shape(state.data, state.errors, introspection);
  const ready: { readonly points: readonly Point[]; readonly errors: ErrorList }[] = [];
  let waiting = 0;
  let wake = (): void => {};
  const expect = (expected: readonly Point[]): void => {
    for (const [name, places] of Map.groupBy(expected, ({ part }) => part)) {
      // A part that the planner left where it stands has come with what it is part of.
      const part = parts.get(name) ?? { errors: new ErrorList(), done: Promise.resolve() };
      waiting += 1;
      void part.done.then(() => {
        ready.push({ points: places, errors: part.errors });
        wake();
      });
    }
  };
  expect(points);
  listener.onFirst({ data, ...toldErrors(state.errors) }, waiting > 0);
  while (waiting > 0) {
    if (ready.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const now = ready.splice(0);
    waiting -= now.length;
    const incremental: IncrementalPart[] = [];
    for (const { points: places, errors } of now) {
      const shaped = places.map((point) => ({ point, ...point.shape(errors, introspection) }));
      incremental.push(...tellAll(shaped, errors, labels));
      for (const { points: below } of shaped) expect(below);
    }
    listener.onNext(incremental, waiting > 0);
  }
}

/** Begins a plan; its parts follow by themselves. Resolves when its own fetches are done. */
async function begin(plan: CompiledParts, state: ExecutionState, run: DeferredRun): Promise<void> {
  const own = plan.run?.({ ...state, onFetched: (id) => run.fetched.of(id).open() });
  const before = Promise.all([run.around, own]);
  for (const { name, depends, plan: below } of plan.parts) {
    const errors = new ErrorList();
    const dependencies = Promise.all(depends.map((id) => run.fetched.of(id).promise));
    // What was not fetched, because there was nothing to fetch it for, is over with what is around the part.
    const mayBegin = depends.length > 0 ? Promise.race([dependencies, before]) : before;
    const done = mayBegin
      .then(() => begin(below, { ...state, errors }, { ...run, around: before }))
      .catch(() => errors.add(gatewayError('internal error', { code: errorCodes.internal })));
    run.begun.set(name, { errors, done });
  }
  await own;
}

interface DeferredRun {
  readonly begun: Map<string, Begun>;
  readonly fetched: Gates;
  /** When the fetches of all that a plan is part of are done. */
  readonly around: Promise<unknown>;
}

interface Gate {
  readonly promise: Promise<unknown>;
  readonly open: () => void;
}

/** What waits for fetches, by their ids. */
class Gates {
  readonly #gates = new Map<string, Gate>();

  of(id: string): Gate {
    const known = this.#gates.get(id);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const gate = { promise, open: () => resolve(undefined) };
    this.#gates.set(id, gate);
    return gate;
  }
}

/** The parts at their places, each with the errors that are its own. */
function tellAll(
  shaped: readonly { readonly point: Point; readonly data: DataObject | null }[],
  errors: ErrorList,
  labels: ReadonlyMap<string, string | undefined>,
): readonly IncrementalPart[] {
  const lists = shaped.map(() => new ErrorList());
  for (const error of errors.list) {
    const at = shaped.findIndex(({ point }) => point.path.every((key, index) => error.path?.[index] === key));
    lists[Math.max(at, 0)]?.add(error);
  }
  const [first] = lists;
  if (first) first.omitted = errors.omitted;
  return shaped.map(({ point: { part, path }, data }, index) => {
    const label = labels.get(part);
    return { data, path, ...(label === undefined ? {} : { label }), ...toldErrors(lists[index] ?? new ErrorList()) };
  });
}
