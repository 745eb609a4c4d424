import { getNamedType, isAbstractType, isCompositeType, isInterfaceType, isObjectType } from 'graphql';
import type { GraphQLCompositeType, GraphQLField, GraphQLSchema } from 'graphql';
import type { Dice } from './random.ts';

export interface RandomOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const definitions = [
  ['$yes', 'Boolean!'],
  ['$no', 'Boolean!'],
  ['$n', 'Int'],
] as const;

/** A random valid operation over a schema: aliases that take other fields' names, fragments, conditions, arguments. */
export function createOperation(dice: Dice, schema: GraphQLSchema): RandomOperation {
  const query = schema.getQueryType();
  if (!query) throw new Error('the schema has no query type');
  const text = selection(dice, schema, query, 4, new Map());
  const used = definitions.filter(([name]) => new RegExp(`\\${name}\\b`).test(text));
  const declared = used.map(([name, type]) => `${name}: ${type}`).join(', ');
  return {
    query: `query ${declared === '' ? '' : `(${declared}) `}${text}`,
    variables: { yes: true, no: false, n: dice.below(3) },
  };
}

/** What stands under a response key so far: equal keys need equal fields. */
type Taken = Map<string, string>;

function selection(dice: Dice, schema: GraphQLSchema, type: GraphQLCompositeType, depth: number, taken: Taken): string {
  const parts: string[] = [];
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const count = 1 + dice.below(type.name === 'Query' ? 3 : 4);
  for (let index = 0; index < count; index += 1) {
    if (fields.length === 0 || dice.chance(0.12)) parts.push('__typename');
    else parts.push(...field(dice, schema, dice.pick(fields), depth, { fields, taken }));
  }
  if (isAbstractType(type)) {
    for (const possible of schema.getPossibleTypes(type))
      if (dice.chance(0.7)) {
        // Keys of their own, so that members never contradict each other.
        const inner = selection(dice, schema, possible, depth, new Map([['only', possible.name]]));
        parts.push(`... on ${possible.name}${condition(dice)} ${inner}`);
      }
  } else if (dice.chance(0.15)) parts.push(`...${condition(dice)} ${selection(dice, schema, type, depth, taken)}`);
  return `{ ${parts.length > 0 ? parts.join(' ') : '__typename'} }`;
}

interface Place {
  readonly fields: readonly GraphQLField<unknown, unknown>[];
  readonly taken: Taken;
}

function field(
  dice: Dice,
  schema: GraphQLSchema,
  node: GraphQLField<unknown, unknown>,
  depth: number,
  { fields, taken }: Place,
): readonly string[] {
  const type = getNamedType(node.type);
  if (isCompositeType(type) && depth === 0) return [];
  const argument = node.args.length > 0 && dice.chance(0.7) ? `(n: ${dice.pick(['$n', '1', 'null'])})` : '';
  const only = taken.get('only');
  const names = [node.name, dice.pick(fields).name, `x${dice.below(3)}`];
  const name = dice.pick(names);
  const key = only === undefined ? name : `${only}_${name}`;
  const text = `${node.name}${argument}`;
  const before = taken.get(key);
  // Two selections of one object field would have to agree all the way down.
  if (before !== undefined && (before !== text || isCompositeType(type))) return [];
  taken.set(key, text);
  const alias = key === node.name ? '' : `${key}: `;
  const below = isCompositeType(type) ? ` ${selection(dice, schema, type, depth - 1, new Map())}` : '';
  return [`${alias}${text}${condition(dice)}${below}`];
}

/** The same operation with some of its fragments deferred. */
export function deferSome(dice: Dice, query: string): string {
  return query.replaceAll(/\.\.\.( on \w+)?/g, (fragment) => (dice.chance(0.6) ? `${fragment} @defer` : fragment));
}

function condition(dice: Dice): string {
  if (!dice.chance(0.15)) return '';
  return dice.pick([' @include(if: $yes)', ' @include(if: $no)', ' @skip(if: $no)', ' @skip(if: $yes)']);
}
