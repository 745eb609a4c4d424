import { isDeepStrictEqual } from 'node:util';
import { graphql, isObjectType } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { PlannerChoice } from '../../planning/planner.ts';
import { buildApiSchema } from '../../supergraph/api-schema.ts';
import { parse } from 'graphql';
import { createScenario } from '../harness.ts';
import type { PlainPayload, PlainResult } from '../harness.ts';
import { createOperation, deferSome } from './operations.ts';
import { createDice } from './random.ts';
import { createWorld } from './world.ts';
import type { Arguments, Source, World } from './world.ts';

/** An operation that the gateway answers otherwise than one server would. */
export interface Difference {
  readonly seed: number;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly expected: unknown;
  readonly got: unknown;
}

export interface CompareOptions {
  readonly seed: number;
  readonly operations: number;
  readonly planner: PlannerChoice;
}

/**
 * Makes a random world, serves it once as one schema and once as subgraphs behind the gateway, and asks both the same. An answer
 * of the gateway that planning refused is counted apart: it is no wrong answer.
 */
export async function compare({ seed, operations, planner }: CompareOptions): Promise<{
  readonly differences: readonly Difference[];
  readonly refused: number;
  /** How many of the operations came in parts. */
  readonly inParts: number;
}> {
  const dice = createDice(seed);
  const world = createWorld(dice);
  const scenario = createScenario(world.subgraphs, { planner, isolatePlanner: true });
  const whole = asOneSchema(buildApiSchema(parse(scenario.supergraphSdl)), world);
  const differences: Difference[] = [];
  let refused = 0;
  let inParts = 0;
  for (let index = 0; index < operations; index += 1) {
    const { query, variables } = createOperation(dice, whole);
    const expected = await graphql({ schema: whole, source: query, variableValues: variables });
    if (expected.data === undefined) throw new Error(`not a valid operation: ${query}`);
    const got = await scenario.run(query, { variables });
    if (got.errors?.every((error) => error.extensions['code'] === 'PLANNING_FAILED')) refused += 1;
    else if (got.errors?.every((error) => String(error.extensions['code']).endsWith('_LIMIT'))) continue;
    else if (JSON.stringify(got) !== JSON.stringify(expected))
      differences.push({ seed, query, variables, expected, got });
    // Where a null goes up, the parts of an answer end it in other places than the whole.
    const deferred = deferSome(createDice(seed * 1_000 + index), query);
    if (expected.errors || got.errors || deferred === query) continue;
    const payloads = await scenario.runInParts(deferred, { variables });
    if (payloads.length > 1) inParts += 1;
    const merged = mergeParts(payloads);
    if (!isDeepStrictEqual(merged, JSON.parse(JSON.stringify(expected))))
      differences.push({ seed, query: deferred, variables, expected, got: payloads });
  }
  return { differences, refused, inParts };
}

/** The client's schema with resolvers that know everything. */
function asOneSchema(schema: GraphQLSchema, world: World): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields()))
      field.resolve = (source: Source, args: Arguments) => world.resolve(type.name, field.name, source, args);
  }
  return schema;
}

/** What a client has when all parts are there. */
function mergeParts([first, ...rest]: readonly PlainPayload[]): PlainResult {
  const data = first?.data ?? null;
  const errors = [...(first?.errors ?? [])];
  for (const part of rest.flatMap(({ incremental = [] }) => incremental)) {
    errors.push(...(part.errors ?? []));
    let at: unknown = data;
    for (const key of part.path) at = (at as Record<string | number, unknown>)[key];
    if (part.data !== null) mergeDeep(at as Record<string, unknown>, part.data as Record<string, unknown>);
  }
  return { data, ...(errors.length > 0 ? { errors } : {}) };
}

function mergeDeep(target: Record<string, unknown>, source: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(source)) {
    const before = target[key];
    if (typeof before === 'object' && before !== null && typeof value === 'object' && value !== null)
      mergeDeep(before as Record<string, unknown>, value as Record<string, unknown>);
    else target[key] = value;
  }
}
