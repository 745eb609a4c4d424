import type { ScenarioSubgraph } from '../harness.ts';
import { hashOf } from './random.ts';
import type { Dice } from './random.ts';

/** A field of the whole, before it is given to subgraphs. */
interface WorldField {
  readonly name: string;
  /** `Int`, the name of an entity type, `Any` or `Shared`. */
  readonly of: string;
  readonly isList: boolean;
  readonly takesArgument: boolean;
  readonly owner: number;
  /** A second subgraph that resolves it as well; -1 for none. */
  readonly sharer: number;
  /** The Int fields of the same entity that it is computed from. */
  readonly requires: readonly string[];
}

interface WorldEntity {
  readonly name: string;
  readonly fields: readonly WorldField[];
  /** Subgraphs that know it by `code` besides `id`. */
  readonly secondKey: ReadonlySet<number>;
}

/** A random supergraph: who owns what. All of its data follows from names and ids, so that every part of it can be checked alone. */
export interface World {
  readonly subgraphs: Readonly<Record<string, ScenarioSubgraph>>;
  /** Resolves any field of the whole, as one server with one schema would. */
  readonly resolve: (type: string, field: string, source: Source, args: Arguments) => unknown;
}

export type Source = Readonly<Record<string, unknown>> | undefined;
export type Arguments = Readonly<Record<string, unknown>>;

const idsPerType = 4;
const codeOf = (id: string): string => `c${id}`;
const idOf = (source: Source): string =>
  typeof source?.['id'] === 'string' ? source['id'] : String(source?.['code']).slice(1);

/** Makes a world of two to four subgraphs, three or four entity types, an interface and a union over them. */
export function createWorld(dice: Dice): World {
  const graphs = 2 + dice.below(3);
  const names = Array.from({ length: 3 + dice.below(2) }, (_, index) => `E${index}`);
  const members = names.slice(0, 2);
  const entities = names.map((name) => createEntity(dice, name, names, graphs));
  const roots = Array.from({ length: graphs }, (_, graph) =>
    Array.from({ length: 2 }, (_unused, index) => ({
      name: `root${graph}_${index}`,
      of: dice.chance(0.25) ? dice.pick(['Any', 'Shared']) : dice.pick(names),
      isList: dice.chance(0.4),
    })),
  );
  const value = createValues(entities, members);
  const root = new Map(roots.flat().map((field) => [field.name, field]));
  return {
    resolve: (type, field, source, args) => {
      const asked = root.get(field);
      if (type === 'Query' && asked) return value.reference('Query', '', asked);
      const whole = (name: string): unknown => value.field(type, name, idOf(source), {}, whole);
      return value.field(type, field, idOf(source), args, whole);
    },
    subgraphs: Object.fromEntries(
      roots.map((fields, graph) => [`s${graph}`, createSubgraph({ graph, entities, members, roots: fields, value })]),
    ),
  };
}

function createEntity(dice: Dice, name: string, names: readonly string[], graphs: number): WorldEntity {
  const fields: WorldField[] = [
    {
      name: 'shared',
      of: 'Int',
      isList: false,
      takesArgument: false,
      owner: dice.below(graphs),
      sharer: -1,
      requires: [],
    },
  ];
  const count = 4 + dice.below(4);
  for (let index = 0; index < count; index += 1) {
    const owner = dice.below(graphs);
    const kind = dice.below(10);
    const numbers = fields.filter(
      (field) =>
        field.of === 'Int' && !field.isList && field.owner !== owner && field.sharer !== owner && !field.takesArgument,
    );
    const isRequiring = kind < 3 && numbers.length > 0;
    const of = isRequiring || kind < 6 ? 'Int' : kind < 9 ? dice.pick(names) : dice.pick(['Any', 'Shared']);
    const sharer = !isRequiring && dice.chance(0.25) ? (owner + 1) % graphs : -1;
    fields.push({
      name: `f${index}`,
      of,
      isList: !isRequiring && dice.chance(0.3),
      takesArgument: !isRequiring && of === 'Int' && dice.chance(0.3),
      owner,
      sharer,
      requires: isRequiring ? [...new Set([dice.pick(numbers).name, dice.pick(numbers).name])] : [],
    });
  }
  const secondKey = new Set(Array.from({ length: graphs }, (_, graph) => graph).filter(() => dice.chance(0.3)));
  return { name, fields, secondKey };
}

interface Values {
  reference(type: string, id: string, field: Pick<WorldField, 'name' | 'of' | 'isList'>): unknown;
  field(type: string, field: string, id: string, args: Arguments, required?: (name: string) => unknown): unknown;
}

function createValues(entities: readonly WorldEntity[], members: readonly string[]): Values {
  const byName = new Map(
    entities.map((entity) => [entity.name, new Map(entity.fields.map((field) => [field.name, field]))]),
  );
  const one = (of: string, seed: number): unknown => {
    if (seed % 7 === 0) return null;
    const type = of === 'Any' || of === 'Shared' ? members[seed % members.length] : of;
    const id = String(seed % idsPerType);
    return { __typename: type, id, code: codeOf(id) };
  };
  const reference: Values['reference'] = (type, id, { name, of, isList }) => {
    const seed = hashOf(type, id, name);
    if (!isList) return one(of, seed);
    return Array.from({ length: seed % 4 }, (_, index) => one(of, hashOf(type, id, name, index)));
  };
  return {
    reference,
    field: (type, name, id, args, required) => {
      if (name === 'id') return id;
      if (name === 'code') return codeOf(id);
      const field = byName.get(type)?.get(name);
      if (!field) throw new Error(`there is no field ${type}.${name}`);
      if (field.of !== 'Int') return reference(type, id, field);
      if (field.requires.length > 0)
        return hashOf(name, id, ...field.requires.map((each) => String(required?.(each)))) % 1000;
      const seed = hashOf(type, id, name, JSON.stringify(args['n'] ?? null));
      if (field.isList) return Array.from({ length: seed % 3 }, (_, index) => (seed + index) % 10);
      return seed % 6 === 0 ? null : seed % 1000;
    },
  };
}

interface SubgraphOptions {
  readonly graph: number;
  readonly entities: readonly WorldEntity[];
  readonly members: readonly string[];
  readonly roots: readonly Pick<WorldField, 'name' | 'of' | 'isList'>[];
  readonly value: Values;
}

function createSubgraph({ graph, entities, members, roots, value }: SubgraphOptions): ScenarioSubgraph {
  const typeOf = ({ of, isList }: Pick<WorldField, 'of' | 'isList'>): string => (isList ? `[${of}]` : of);
  const resolvers: Record<string, Record<string, (...args: never[]) => unknown>> = {
    Query: Object.fromEntries(roots.map((field) => [field.name, () => value.reference('Query', '', field)])),
  };
  const types = entities.map((entity) => {
    const own = entity.fields.filter(({ owner, sharer }) => owner === graph || sharer === graph);
    const external = new Set(own.flatMap(({ requires }) => requires));
    const isMember = members.includes(entity.name);
    const keys = entity.secondKey.has(graph) ? '@key(fields: "id") @key(fields: "code")' : '@key(fields: "id")';
    const lines = [
      'id: ID!',
      ...(entity.secondKey.has(graph) ? ['code: ID! @shareable'] : []),
      ...own.map((field) => {
        const requires = field.requires.length > 0 ? ` @requires(fields: "${field.requires.join(' ')}")` : '';
        const argument = field.takesArgument ? '(n: Int)' : '';
        return `${field.name}${argument}: ${typeOf(field)}${field.sharer >= 0 ? ' @shareable' : ''}${requires}`;
      }),
      ...[...external].map((name) => `${name}: Int @external`),
    ];
    resolvers[entity.name] = {
      // What is required must come from the gateway, and only that.
      __resolveReference: (reference: Record<string, unknown>) => ({ ...reference, sent: reference }),
      ...Object.fromEntries(
        own.map((field) => [
          field.name,
          (source: Record<string, unknown>, args: Arguments): unknown => {
            const sent = source['sent'] as Source;
            const required = (name: string): unknown => (sent && name in sent ? sent[name] : 'not sent');
            return value.field(entity.name, field.name, idOf(source), args, required);
          },
        ]),
      ),
      id: (source: Source) => idOf(source),
      ...(entity.secondKey.has(graph) ? { code: (source: Source) => codeOf(idOf(source)) } : {}),
    };
    return `type ${entity.name}${isMember ? ' implements Shared' : ''} ${keys} {\n  ${lines.join('\n  ')}\n}`;
  });
  const query = roots.map((field) => `${field.name}: ${typeOf(field)}`).join(' ');
  const sdl = `type Query { ${query} }\ninterface Shared { id: ID! }\nunion Any = ${members.join(' | ')}\n${types.join('\n')}`;
  return { sdl, resolvers };
}
