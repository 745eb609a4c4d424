import { getVariableValues } from 'graphql';
import type { GraphQLError } from 'graphql';
import type { Engine, EngineSource } from '../engine.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { readCostRules } from '../supergraph/cost-rules.ts';
import type { CostRules } from '../supergraph/cost-rules.ts';
import { parseSupergraph } from '../supergraph/linked-names.ts';
import { costOf } from './cost.ts';
import type { RateLimiter, RateState } from './rate-limiter.ts';
import { checkVariables } from './variables.ts';
import type { VariableLimits } from './variables.ts';

/** Processor time in which a text may be read (parsed, measured, validated) for nothing, in milliseconds: most take a twentieth. */
const readingMsFree = 20;
/** Processor time, on top, in which a full budget is used up. */
const readingMsMax = 15_000;

export interface AdmissionOptions {
  readonly engines: EngineSource;
  /** Unset, callers are not limited. */
  readonly limiter: RateLimiter | undefined;
  readonly variables: VariableLimits;
  /** The most that one operation may cost. Unset, as much as the caller's budget. */
  readonly costMax: number | undefined;
}

export interface AdmissionRequest {
  /** Who is charged: `callerOf`. */
  readonly caller: string;
  readonly query: string;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Admitted {
  /** Why the operation may not run, or null. */
  readonly error: GraphQLError | null;
  /** Null where it is not known: the operation is refused for another reason. */
  readonly cost: number | null;
  /** The caller's budget; null where callers are not limited. */
  readonly rate: RateState | null;
}

/** Decides before any subgraph is asked whether a caller may have an operation now, by what it costs. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #rules = new WeakMap<Engine, CostRules>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  get limiter(): RateLimiter | undefined {
    return this.#options.limiter;
  }

  /** Charges one unit for a request whatever is in it, the reading of a text that takes long, and the rest of its cost where it may run. `wanted` asks for the cost in any case. */
  admit(request: AdmissionRequest, wanted = false): Admitted {
    const { limiter, costMax } = this.#options;
    const first = limiter?.take(request.caller, 1) ?? null;
    if (first && !first.allowed) return { error: this.#limited(first), cost: null, rate: first };
    const tooLarge = checkVariables(request.variables, this.#options.variables);
    if (tooLarge) return { error: tooLarge, cost: null, rate: first };
    if (!limiter && costMax === undefined && !wanted) return { error: null, cost: null, rate: null };
    const cost = this.#chargeReading(request.caller, () => this.#costOf(request));
    if (cost === null) return { error: null, cost, rate: limiter?.take(request.caller, 0) ?? null };
    if (costMax !== undefined && cost > costMax) return { error: tooExpensive(cost, costMax), cost, rate: first };
    const rate = limiter?.take(request.caller, Math.max(0, cost - 1)) ?? null;
    return { error: rate && !rate.allowed ? this.#limited(rate, cost) : null, cost, rate };
  }

  /** What an operation costs says nothing of what it takes to read its text: that is charged by the time it took, where it is much. */
  #chargeReading<T>(caller: string, read: () => T): T {
    // Read once for all callers, and nobody's to pay for.
    this.#rulesOf(this.#options.engines.current);
    const before = cpuMsNow();
    const result = read();
    const share = (cpuMsNow() - before - readingMsFree) / readingMsMax;
    if (share > 0) this.#options.limiter?.charge(caller, share);
    return result;
  }

  #costOf({ query, operationName, variables }: AdmissionRequest): number | null {
    const engine = this.#options.engines.current;
    const prepared = engine.documents.prepare(query);
    const operation = prepared.ok ? engine.selectOperation(prepared, operationName) : undefined;
    if (!operation) return null;
    const schema = engine.supergraph.apiSchema;
    const coerced = getVariableValues(schema, operation.node.variableDefinitions ?? [], variables, { maxErrors: 1 });
    if (coerced.errors) return null;
    return costOf({ schema, rules: this.#rulesOf(engine), operation, variables: coerced.coerced });
  }

  #rulesOf(engine: Engine): CostRules {
    let rules = this.#rules.get(engine);
    if (!rules) {
      rules = readCostRules(parseSupergraph(engine.supergraph.sdl));
      this.#rules.set(engine, rules);
    }
    return rules;
  }

  #limited({ retryAfterS }: RateState, cost = 1): GraphQLError {
    const { units, windowS } = this.#options.limiter?.limit ?? { units: 0, windowS: 0 };
    if (cost > units) return tooExpensive(cost, units);
    return gatewayError(`more than ${units} units of cost in ${windowS} seconds: try again in ${retryAfterS} seconds`, {
      code: errorCodes.rateLimited,
      details: { limit: units, windowS, retryAfterS, cost },
    });
  }
}

function tooExpensive(cost: number, limit: number): GraphQLError {
  return gatewayError(`the operation may cost ${cost}, ${limit} is allowed: ask for shorter lists or fewer objects`, {
    code: errorCodes.costLimit,
    details: { cost, limit },
  });
}

/** What this thread has used, whatever else the machine does. */
function cpuMsNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
