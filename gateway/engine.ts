import { randomInt } from 'node:crypto';
import type { Logger } from 'pino';
import type { ExecutionDependencies } from './execution/call.ts';
import { ExecutableStore } from './execution/executable.ts';
import { Executor } from './execution/executor.ts';
import { DocumentStore } from './operations/document-store.ts';
import type { OperationLimits } from './operations/limits.ts';
import { createOperationSelector } from './operations/operation.ts';
import type { SelectOperation } from './operations/operation.ts';
import type { DecidePolicy } from './operations/policies.ts';
import { createDeferral, createPlanner } from './planning/planner.ts';
import type { PlannerChoice } from './planning/planner.ts';
import { createOverridePicker } from './supergraph/override-labels.ts';
import { readSupergraph } from './supergraph/supergraph.ts';
import type { Supergraph } from './supergraph/supergraph.ts';
import type { SubgraphTransport } from './transports/transport.ts';

const randomRange = 2 ** 32;
/** Characters of query text and of plans that are remembered, each. */
const charactersMax = 16_000_000;

export interface EngineOptions {
  readonly supergraphSdl: string;
  readonly transports: Readonly<Record<string, SubgraphTransport>>;
  readonly logger: Logger;
  readonly limits: OperationLimits;
  readonly introspection: boolean;
  readonly operationTimeoutMs: number;
  readonly onFetch: ExecutionDependencies['onFetch'];
  /** Whether the Rust planner works in a process of its own, as it must over a supergraph that is not known to be safe. */
  readonly isolatePlanner?: boolean | undefined;
  /** Labels of progressive overrides that are on. */
  readonly overrideLabels?: readonly string[] | undefined;
  /** Which query planner. Unset: `auto`. */
  readonly planner?: PlannerChoice | undefined;
  /** Decides about `@policy`. Unset, nobody meets one. */
  readonly policies?: DecidePolicy | undefined;
}

/** Everything that belongs to one supergraph. Serving another means making another engine. */
export interface Engine {
  readonly supergraph: Supergraph;
  readonly documents: DocumentStore;
  readonly selectOperation: SelectOperation;
  readonly executor: Executor;
  readonly dependencies: ExecutionDependencies;
}

/** The engine that serves now. Whoever handles a request reads it once, so that the request ends on what it began with. */
export interface EngineSource {
  readonly current: Engine;
}

/** Reads a supergraph and makes ready to answer operations on it. Throws `SupergraphError`. */
export function createEngine(options: EngineOptions): Engine {
  const supergraph = readSupergraph(options.supergraphSdl);
  const { transports, logger, onFetch, limits, introspection, operationTimeoutMs } = options;
  const dependencies = { transports, logger, onFetch };
  const planner = createPlanner(supergraph, {
    choice: options.planner ?? 'auto',
    isolate: options.isolatePlanner === true,
    logger,
  });
  const executables = new ExecutableStore({
    supergraph,
    planner,
    planDeferred: createDeferral(supergraph, options.planner ?? 'auto'),
    pickOverrides: createOverridePicker(
      supergraph.overrideLabels,
      new Set(options.overrideLabels),
      () => randomInt(randomRange) / randomRange,
    ),
    dependencies,
    policies: options.policies,
    charactersMax,
  });
  return {
    supergraph,
    documents: new DocumentStore({ schema: supergraph.apiSchema, limits, introspection, charactersMax }),
    selectOperation: createOperationSelector(supergraph),
    executor: new Executor({ supergraph, executables, operationTimeoutMs }),
    dependencies,
  };
}
