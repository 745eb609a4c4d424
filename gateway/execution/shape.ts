import {
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
} from 'graphql';
import type {
  FieldNode,
  GraphQLCompositeType,
  GraphQLEnumType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLOutputType,
  SelectionSetNode,
} from 'graphql';
import { nestsDeeper } from '../../schema/nesting.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import type { Access } from '../operations/access.ts';
import { partName } from '../operations/deferral.ts';
import type { Operation } from '../operations/operation.ts';
import { isIncluded, isIntrospectionField } from '../operations/selection.ts';
import type { Denial } from '../supergraph/access-rules.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { isObject, levelsMax } from './data.ts';
import type { DataObject } from './data.ts';
import { onOneLine } from './response-path.ts';
import type { ErrorList } from './state.ts';

export interface ShapeOptions {
  readonly supergraph: Supergraph;
  readonly operation: Operation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly access: Access;
}

/** Makes the response out of the plan's data: the client's keys in the client's order, and nothing else. */
export type Shape = (data: DataObject, errors: ErrorList, introspection: DataObject | null) => DataObject | null;

/** What a completer gives for a null that its position does not allow: its parent takes it on. */
const invalid = Symbol('invalid');
/** A value completed for the response; null and `invalid` as the specification's null and field error. */
type Completer = (value: unknown, run: Run) => unknown;

/** One shaping of one response. */
interface Run {
  readonly path: (string | number)[];
  readonly errors: ErrorList;
  readonly introspection: DataObject | null;
  /** Where deferred parts belong that were met; null where nothing is deferred. */
  readonly points: Point[] | null;
}

/** A place in the response where a deferred part belongs. */
export interface Point {
  readonly part: string;
  readonly path: readonly (string | number)[];
  /** The part's data at this place as far as it is known now: null where a null in it may not be. */
  readonly shape: (errors: ErrorList, introspection: DataObject | null) => Deferred;
}

/** A shaped response or part of one, and where the parts below it belong. */
export interface Deferred {
  readonly data: DataObject | null;
  readonly points: readonly Point[];
}

/** The same as a shape, for an operation of `expandDeferred`: parts are left out, and can be shaped at their places once they are there. */
export type DeferredShape = (data: DataObject, errors: ErrorList, introspection: DataObject | null) => Deferred;

/**
 * Compiles the shape of an operation's response. Nulls travel up to the nearest nullable parent, as the specification says;
 * where no subgraph said why there is one, an error does. What the caller may not read is null with an error at its path.
 */
export function compileShape(options: ShapeOptions): Shape {
  const root = options.supergraph.apiSchema.getRootType(options.operation.node.operation);
  if (!root) throw new Error(`the schema has no ${options.operation.node.operation} type`);
  const complete = new Shaper(options, false).objectOf(root, [options.operation.node.selectionSet]);
  return (data, errors, introspection) => {
    const shaped = complete(data, { path: [], errors, introspection, points: null });
    return shaped === invalid ? null : (shaped as DataObject);
  };
}

/** Compiles the shape of an operation with deferred parts. */
export function compileDeferredShape(options: ShapeOptions): DeferredShape {
  const root = options.supergraph.apiSchema.getRootType(options.operation.node.operation);
  if (!root) throw new Error(`the schema has no ${options.operation.node.operation} type`);
  const complete = new Shaper(options, true).objectOf(root, [options.operation.node.selectionSet]);
  return (data, errors, introspection) => shapeAt(complete, data, { path: [], errors, introspection, points: [] });
}

function shapeAt(complete: Completer, data: DataObject, run: Run & { readonly points: Point[] }): Deferred {
  const shaped = complete(data, run);
  return shaped === invalid ? { data: null, points: [] } : { data: shaped as DataObject, points: run.points };
}

type ConcreteType = GraphQLObjectType | GraphQLInterfaceType;

class Shaper {
  readonly #options: ShapeOptions;
  /** Whether fragments marked with `@defer` are left for later. */
  readonly #defers: boolean;

  constructor(options: ShapeOptions, defers: boolean) {
    this.#options = options;
    this.#defers = defers;
  }

  objectOf(type: ConcreteType, sets: readonly SelectionSetNode[]): Completer {
    const fields: { key: string; dataKey: string; complete: Completer }[] = [];
    for (const [key, nodes] of this.#collect(type, sets)) {
      const name = nodes[0]?.name.value ?? key;
      fields.push({
        key,
        dataKey: this.#options.supergraph.dataKey(name, key),
        complete: this.#field(type, name, key, nodes),
      });
    }
    const later = this.#defers ? this.#later(type, sets) : [];
    return (value, run) => {
      const source = value as DataObject;
      const target: DataObject = {};
      for (const field of fields) {
        run.path.push(field.key);
        const result = field.complete(source[field.dataKey], run);
        run.path.pop();
        if (result === invalid) return invalid;
        target[field.key] = result;
      }
      for (const part of later) addPoint(part, source, run);
      return target;
    };
  }

  /** The deferred parts that begin on objects of a type. */
  #later(type: ConcreteType, sets: readonly SelectionSetNode[]): readonly Later[] {
    return sets.flatMap((set) =>
      set.selections.flatMap((node): readonly Later[] => {
        if (node.kind !== Kind.INLINE_FRAGMENT || !isIncluded(node.directives, this.#options.variables)) return [];
        if (node.typeCondition && !this.#applies(node.typeCondition.name.value, type)) return [];
        const part = partName(node.directives);
        if (part === undefined) return this.#later(type, [node.selectionSet]);
        let complete: Completer | undefined;
        return [{ part, complete: () => (complete ??= this.objectOf(type, [node.selectionSet])) }];
      }),
    );
  }

  #field(parent: ConcreteType, name: string, key: string, nodes: readonly FieldNode[]): Completer {
    // An interface here stands for an object whose type no subgraph told.
    if (name === '__typename')
      return isObjectType(parent) ? () => parent.name : nonNull(() => null, `${parent.name}.__typename`);
    if (isIntrospectionField(name)) return (_value, run) => run.introspection?.[key] ?? null;
    const field = parent.getFields()[name];
    if (!field) throw new Error(`${parent.name} has no field ${name}`);
    const denial = this.#options.access.ofField(parent, field);
    const place = `${parent.name}.${name}`;
    if (denial) return isNonNullType(field.type) ? denied(denial, place, invalid) : denied(denial, place, null);
    const sets = nodes.flatMap((node) => node.selectionSet ?? []);
    return this.#complete(field.type, place, sets);
  }

  #complete(type: GraphQLOutputType, place: string, sets: readonly SelectionSetNode[]): Completer {
    if (isNonNullType(type)) return nonNull(this.#completeNullable(type.ofType, place, sets), place);
    const complete = this.#completeNullable(type, place, sets);
    return (value, run) => {
      const before = run.points?.length ?? 0;
      const result = complete(value, run);
      if (result !== invalid) return result;
      // Nothing comes later below what is null.
      run.points?.splice(before);
      return null;
    };
  }

  #completeNullable(type: GraphQLOutputType, place: string, sets: readonly SelectionSetNode[]): Completer {
    if (isNonNullType(type)) throw new Error('a non-null type cannot wrap another');
    if (isListType(type)) return listOf(this.#complete(type.ofType, place, sets), place);
    if (isEnumType(type)) return enumOf(type, place, this.#options.supergraph.types);
    if (isLeafType(type)) return isSpecifiedScalarType(type) ? scalarOf(place) : customOf(place);
    return isObjectType(type) ? this.#concrete(type, place, sets) : this.#abstract(type, place, sets);
  }

  #concrete(type: GraphQLObjectType, place: string, sets: readonly SelectionSetNode[]): Completer {
    // Compiled when first met: a recursive type is no deeper than its query, but most of a union's types are never met.
    let complete: Completer | undefined;
    return (value, run) => {
      if (!isObject(value)) return misshapen(value, 'an object', place, run);
      complete ??= this.objectOf(type, sets);
      return complete(value, run);
    };
  }

  #abstract(type: GraphQLCompositeType, place: string, sets: readonly SelectionSetNode[]): Completer {
    const byName = new Map<string, Completer>();
    return (value, run) => {
      if (!isObject(value)) return misshapen(value, 'an object', place, run);
      const typename = value['__typename'];
      const name = typeof typename === 'string' ? typename : type.name;
      let complete = byName.get(name);
      if (!complete) {
        complete = this.#runtimeType(type, name, sets);
        byName.set(name, complete);
      }
      return complete(value, run);
    };
  }

  #runtimeType(declared: GraphQLCompositeType, name: string, sets: readonly SelectionSetNode[]): Completer {
    const { apiSchema } = this.#options.supergraph;
    const type = apiSchema.getType(name);
    // A type that clients do not know of is no answer for them.
    if (isInterfaceType(type)) return this.objectOf(type, sets);
    if (!isObjectType(type) || (isAbstractType(declared) && !apiSchema.isSubType(declared, type))) return () => null;
    const denial = this.#options.access.ofType(name);
    return denial ? denied(denial, name, invalid) : this.objectOf(type, sets);
  }

  #collect(type: ConcreteType, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const seen = new Set<string>();
    for (const set of sets) this.#collectInto(type, set, fields, seen);
    return fields;
  }

  #collectInto(type: ConcreteType, set: SelectionSetNode, fields: Map<string, FieldNode[]>, seen: Set<string>): void {
    for (const node of set.selections) {
      if (!isIncluded(node.directives, this.#options.variables)) continue;
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        const nodes = fields.get(key);
        if (nodes) nodes.push(node);
        else fields.set(key, [node]);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (this.#defers && partName(node.directives) !== undefined) continue;
        if (!node.typeCondition || this.#applies(node.typeCondition.name.value, type))
          this.#collectInto(type, node.selectionSet, fields, seen);
      } else {
        const fragment = this.#options.operation.fragments.get(node.name.value);
        if (!fragment || seen.has(node.name.value) || !this.#applies(fragment.typeCondition.name.value, type)) continue;
        seen.add(node.name.value);
        this.#collectInto(type, fragment.selectionSet, fields, seen);
      }
    }
  }

  #applies(condition: string, type: ConcreteType): boolean {
    if (condition === type.name) return true;
    const { apiSchema } = this.#options.supergraph;
    const conditionType = apiSchema.getType(condition);
    return isAbstractType(conditionType) && apiSchema.isSubType(conditionType, type);
  }
}

interface Later {
  readonly part: string;
  readonly complete: () => Completer;
}

function addPoint({ part, complete }: Later, source: DataObject, run: Run): void {
  const path = [...run.path];
  run.points?.push({
    part,
    path,
    shape: (errors, introspection) =>
      shapeAt(complete(), source, { path: [...path], errors, introspection, points: [] }),
  });
}

/** What stands where something else belongs is an error; nothing at all is null. */
function misshapen(value: unknown, expected: string, place: string, run: Run): null | typeof invalid {
  if (value === null || value === undefined) return null;
  const message = `${place}: the subgraph gave something else where ${expected} belongs`;
  run.errors.add(gatewayError(message, { code: errorCodes.invalidSubgraphData, path: [...run.path] }));
  return invalid;
}

/** A scalar of the specification has no parts: whatever an object holds was never asked for. */
function scalarOf(place: string): Completer {
  return (value, run) => (typeof value === 'object' ? misshapen(value, 'a scalar', place, run) : (value ?? null));
}

/** A custom scalar may be anything that can be written as JSON again. */
function customOf(place: string): Completer {
  return (value, run) =>
    typeof value === 'object' && nestsDeeper(value, levelsMax)
      ? misshapen(value, `a value of at most ${levelsMax} levels`, place, run)
      : (value ?? null);
}

function listOf(complete: Completer, place: string): Completer {
  return (value, run) => {
    if (!Array.isArray(value)) return misshapen(value, 'a list', place, run);
    const items: unknown[] = [];
    for (let index = 0; index < value.length; index += 1) {
      run.path.push(index);
      const item = complete(value[index], run);
      run.path.pop();
      if (item === invalid) return invalid;
      items.push(item);
    }
    return items;
  };
}

function enumOf(type: GraphQLEnumType, place: string, types: TypeIndex): Completer {
  const known = new Set(type.getValues().map((value) => value.name));
  return (value, run) => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'string' && known.has(value)) return value;
    // A value that is hidden from clients is no fault of anybody's: they see none.
    if (typeof value === 'string' && types.hasEnumValue(type.name, value)) return null;
    const message = `${place}: the subgraph gave a value that the enum ${type.name} does not have`;
    run.errors.add(gatewayError(message, { code: errorCodes.invalidSubgraphData, path: [...run.path] }));
    return invalid;
  };
}

function nonNull(complete: Completer, place: string): Completer {
  return (value, run) => {
    const result = complete(value, run);
    if (result !== null) return result;
    if (!run.errors.list.some((error) => error.path && onOneLine(error.path, run.path))) {
      const message = `Cannot return null for non-nullable field ${place}.`;
      run.errors.add(gatewayError(message, { code: errorCodes.invalidSubgraphData, path: [...run.path] }));
    }
    return invalid;
  };
}

function denied(denial: Denial, place: string, result: null | typeof invalid): Completer {
  return (_value, run) => {
    run.errors.add(gatewayError(`${place}: ${denial.message}`, { code: denial.code, path: [...run.path] }));
    return result;
  };
}
