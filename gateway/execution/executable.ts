import { GraphQLError, print } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import { BoundedMap } from '../bounded-map.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { Access } from '../operations/access.ts';
import { expandDeferred } from '../operations/deferral.ts';
import { variantKey } from '../operations/operation.ts';
import type { Operation } from '../operations/operation.ts';
import { rightsFor } from '../operations/policies.ts';
import type { DecidePolicy } from '../operations/policies.ts';
import { specialise } from '../operations/specialise.ts';
import type { PlanDeferred } from '../planning/apollo-planner.ts';
import type { Plan } from '../planning/plan.ts';
import { PlannerCrashError } from '../planning/planner-process.ts';
import type { Planner } from '../planning/planner.ts';
import type { Rights } from '../supergraph/access-rules.ts';
import type { ActiveOverrides, PickOverrides } from '../supergraph/override-labels.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { ExecutionDependencies } from './call.ts';
import { compilePlan } from './compile-plan.ts';
import { compileDeferredPlan } from './deferral.ts';
import type { CompiledDeferral } from './deferral.ts';
import { compileIntrospection } from './introspection.ts';
import type { Introspect } from './introspection.ts';
import type { Step } from './root-fetch.ts';
import { compileDeferredShape, compileShape } from './shape.ts';
import type { Shape, ShapeOptions } from './shape.ts';

/** An operation in the form that one kind of caller gets, planned and compiled. */
export interface Executable {
  /** Names the form among all. */
  readonly key: string;
  readonly plan: Plan;
  /** Null where no subgraph is asked. */
  readonly run: Step | null;
  readonly introspect: Introspect | null;
  readonly shape: Shape;
  /** Null where all of it is answered at once. */
  readonly deferral: CompiledDeferral | null;
}

export interface ExecutableStoreOptions {
  readonly supergraph: Supergraph;
  readonly planner: Planner;
  /** Undefined where nothing is deferred. */
  readonly planDeferred: PlanDeferred | undefined;
  readonly pickOverrides: PickOverrides;
  readonly dependencies: ExecutionDependencies;
  /** Unset, nobody meets a policy. */
  readonly policies: DecidePolicy | undefined;
  /** Characters of plans to remember. */
  readonly charactersMax: number;
  /** A clock that never goes back. Default: this process's. */
  readonly nowMs?: () => number;
}

/**
 * How long it is remembered that an operation could not be planned. Both planners are asked each time, some end their process over it, and a client
 * that asks again and again would keep them from planning for others; but where it was bad luck (a planner that ran out of time), it must not last.
 */
const refusedMs = 10_000;
/** Characters of the names of such operations to remember. */
const refusedCharactersMax = 1_000_000;

interface Refused {
  readonly error: unknown;
  readonly untilMs: number;
}

/** What decides about the form of an operation besides its text. */
interface Form {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly rights: Rights;
  readonly overrides: ActiveOverrides;
  /** Whether what is marked with @defer may come later. */
  readonly isDeferred: boolean;
}

const none: ReadonlySet<string> = new Set();

/** Plans and compiles operations, each form once for as long as it is remembered. */
export class ExecutableStore {
  readonly #options: ExecutableStoreOptions;
  readonly #ready: BoundedMap<Executable>;
  readonly #pending = new Map<string, Promise<Executable>>();
  readonly #refused: BoundedMap<Refused>;
  readonly #nowMs: () => number;

  constructor(options: ExecutableStoreOptions) {
    this.#options = options;
    this.#ready = new BoundedMap({ weightMax: options.charactersMax });
    this.#refused = new BoundedMap({ weightMax: refusedCharactersMax });
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Rejects with a GraphQL error where the operation cannot be planned. */
  async get(
    operation: Operation,
    variables: Readonly<Record<string, unknown>>,
    claims: Claims | null,
    mayDefer = false,
  ): Promise<Executable> {
    const rights = await this.#rightsFor(operation, claims);
    const { name, overrides } = this.#options.pickOverrides();
    const variant = variantKey(operation, variables, rights);
    const isDeferred = mayDefer && operation.defers && this.#options.planDeferred !== undefined;
    const key = (name === '' ? variant : `${variant} ${name}`) + (isDeferred ? ' in parts' : '');
    const ready = this.#ready.get(key);
    if (ready) return ready;
    const refused = this.#refused.get(key);
    if (refused && refused.untilMs > this.#nowMs()) throw refused.error;
    // Callers that come while it is being planned wait for the same plan.
    let pending = this.#pending.get(key);
    if (!pending) {
      pending = this.#compile(key, operation, { variables, rights, overrides, isDeferred }).finally(() =>
        this.#pending.delete(key),
      );
      this.#pending.set(key, pending);
    }
    return pending;
  }

  /** Whether the caller would still get this form: another one once a policy decides differently. */
  async isCurrent(
    { key }: Executable,
    operation: Operation,
    { variables, claims }: { readonly variables: Readonly<Record<string, unknown>>; readonly claims: Claims | null },
  ): Promise<boolean> {
    const variant = variantKey(operation, variables, await this.#rightsFor(operation, claims));
    // What follows are the labels that were drawn for it.
    return key === variant || key.startsWith(`${variant} `);
  }

  async #rightsFor({ requirements }: Operation, claims: Claims | null): Promise<Rights> {
    if (requirements.length === 0) return { claims, policies: none };
    const { policies: decide, dependencies } = this.#options;
    return rightsFor(requirements, claims, { decide, logger: dependencies.logger });
  }

  async #compile(key: string, operation: Operation, form: Form): Promise<Executable> {
    const { variables, rights, overrides, isDeferred } = form;
    const { supergraph, dependencies } = this.#options;
    // Only the conditions may decide about the form: the other variables differ from one execution to the next.
    const conditions = Object.fromEntries(operation.conditions.map((name) => [name, variables[name]]));
    const access = new Access({ rules: supergraph.access, schema: supergraph.apiSchema, rights });
    const options = { supergraph, operation, variables: conditions, access };
    const inParts = isDeferred ? this.#compileDeferral(key, options, overrides) : null;
    if (inParts) return inParts;
    const document = specialise(options);
    const text = document === null ? null : print(document);
    const plan = text === null ? { node: null, primary: null } : await this.#plan(key, text, overrides);
    const executable = {
      key,
      plan,
      run: plan.node && compilePlan(plan.node, supergraph.types, dependencies),
      introspect: compileIntrospection(supergraph, operation, conditions),
      shape: compileShape(options),
      deferral: null,
    };
    // A compiled plan takes several times the memory of its text, and grows with it.
    this.#ready.set(key, executable, key.length + (text?.length ?? 0) + JSON.stringify(plan).length);
    return executable;
  }

  /** Null where the planner makes no parts of it, or wrong ones: the operation is answered in one piece then, which is allowed. */
  #compileDeferral(key: string, whole: ShapeOptions, overrides: ActiveOverrides): Executable | null {
    const { supergraph, dependencies, planDeferred } = this.#options;
    const expanded = expandDeferred(whole.operation, whole.variables);
    if (!expanded || !planDeferred) return null;
    const options = { ...whole, operation: expanded.operation };
    const document = specialise({ ...options, keepsDeferred: true });
    if (document === null) return null;
    const text = print(document);
    try {
      const plan = planDeferred(text, overrides);
      const executable = {
        key,
        plan: { node: plan.node, primary: null },
        run: null,
        introspect: compileIntrospection(supergraph, expanded.operation, whole.variables),
        shape: compileShape(whole),
        deferral: {
          plan: compileDeferredPlan(plan, supergraph.types, dependencies),
          shape: compileDeferredShape(options),
          labels: expanded.labels,
        },
      };
      this.#ready.set(key, executable, key.length + text.length + JSON.stringify(plan).length);
      return executable;
    } catch (error) {
      dependencies.logger.info({ err: error }, 'an operation with @defer is answered in one piece');
      return null;
    }
  }

  async #plan(key: string, text: string, overrides: ActiveOverrides): Promise<Plan> {
    try {
      return await this.#options.planner.plan(text, overrides);
    } catch (error) {
      this.#options.dependencies.logger.error({ err: error }, 'an operation could not be planned');
      const told =
        error instanceof GraphQLError
          ? error
          : gatewayError('no plan answers all of this operation', { code: errorCodes.planningFailed });
      // Where another operation ended the planner's process, nothing is known of this one.
      if (!(error instanceof PlannerCrashError) || error.isItsOwn)
        this.#refused.set(key, { error: told, untilMs: this.#nowMs() + refusedMs }, key.length);
      throw told;
    }
  }
}
