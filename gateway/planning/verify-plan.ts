import { Kind, parse, print } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { Ownership } from '../supergraph/ownership.ts';
import { renamedKeys } from './renamed-keys.ts';
import type { Plan, PlanNode, RequiredSelection, Rewrite, SubgraphOperation } from './plan.ts';

/** A plan asks a subgraph for what it cannot answer, or does not ask for all of the operation. */
export class WrongPlanError extends Error {
  override readonly name = 'WrongPlanError';
}

/**
 * Holds a plan against the supergraph: every field that a subgraph is asked for must be one that it resolves there, by itself
 * or by `@provides`; one response key must not stand for two things, nor for two shapes of answer; every root field of the operation must be asked for.
 * Planners do get these wrong, and then answer with nulls and no error. Throws `WrongPlanError`.
 */
export function verifyPlan(plan: Plan, operation: string, options: VerificationOptions): void {
  const fetches = [...fetchesOf(plan.primary), ...fetchesOf(plan.node)];
  const requirements = new Requirements(options.oneRequirementPerPlan);
  for (const fetch of fetches) {
    requirements.nextFetch();
    new Verification(fetch, options.ownership, requirements).run();
  }
  const client = parse(operation, { noLocation: true });
  const asked = new Set(fetches.flatMap(({ operation: { query } }) => rootKeys(parse(query, { noLocation: true }))));
  const missing = rootKeys(client).find((key) => !asked.has(key));
  if (missing !== undefined) throw new WrongPlanError(`the plan asks nobody for ${missing}`);
}

export interface VerificationOptions {
  readonly ownership: Ownership;
  /**
   * Whether a plan holds what fields require under its own name only, so that in all of it there can be one value. Otherwise
   * there can be one per group of representations.
   */
  readonly oneRequirementPerPlan: boolean;
}

/** The arguments of fields that are required: two fields may require the same one, but not with other arguments. */
class Requirements {
  readonly #byPlace = new Map<string, string>();
  readonly #onePerPlan: boolean;

  constructor(onePerPlan: boolean) {
    this.#onePerPlan = onePerPlan;
  }

  nextFetch(): void {
    if (!this.#onePerPlan) this.#byPlace.clear();
  }

  add(group: string, place: string, set: SelectionSetNode): void {
    for (const node of set.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) this.add(group, place, node.selectionSet);
      if (node.kind !== Kind.FIELD) continue;
      const inner = `${place}.${node.name.value}`;
      const key = this.#onePerPlan ? inner : `${group} ${inner}`;
      const text = textOf(node);
      const before = this.#byPlace.get(key) ?? text;
      if (before !== text) throw new WrongPlanError(`two fields require ${inner}, as ${before} and as ${text}`);
      this.#byPlace.set(key, text);
      if (node.selectionSet) this.add(group, inner, node.selectionSet);
    }
  }
}

interface Fetch {
  readonly operation: SubgraphOperation;
  readonly rewrites: readonly Rewrite[];
  /** By the response key of `_entities`: the fields that a representation is sent with. */
  readonly sent: ReadonlyMap<string, ReadonlySet<string>>;
}

function fetchesOf(node: PlanNode | null): readonly Fetch[] {
  switch (node?.kind) {
    case undefined:
      return [];
    case 'root':
      return [{ operation: node.operation, rewrites: node.outputRewrites, sent: new Map() }];
    case 'entities':
      return [
        {
          operation: node.operation,
          rewrites: node.groups.flatMap((group) => group.outputRewrites),
          sent: new Map(node.groups.map(({ key, requires }) => [key, new Set(requires.flatMap(namesSent))])),
        },
      ];
    case 'condition':
      return [...fetchesOf(node.whenTrue), ...fetchesOf(node.whenFalse)];
    case 'sequence':
    case 'parallel':
      return node.nodes.flatMap(fetchesOf);
  }
}

function namesSent(selection: RequiredSelection): readonly string[] {
  return selection.kind === 'field' ? [selection.to] : selection.selections.flatMap(namesSent);
}

function rootKeys(document: DocumentNode): readonly string[] {
  const { operation, fragments } = read(document);
  const keys = (set: SelectionSetNode): readonly string[] =>
    set.selections.flatMap((node): readonly string[] => {
      if (node.kind === Kind.FIELD) return node.name.value === '__typename' ? [] : [keyOf(node)];
      const target = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
      return target ? keys(target.selectionSet) : [];
    });
  return keys(operation.selectionSet);
}

/** What is selected, and on which type; null among entities, where only fragments say. */
interface Selected {
  readonly set: SelectionSetNode;
  readonly type: string | null;
}

const nothing: ReadonlySet<string> = new Set();

class Verification {
  readonly #subgraph: string;
  readonly #ownership: Ownership;
  readonly #operation: OperationDefinitionNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** What keys are called once the answer is here. */
  readonly #renamed: ReadonlyMap<string, string>;

  readonly #requirements: Requirements;
  readonly #sent: Fetch['sent'];

  constructor(
    { operation: { subgraph, query }, rewrites, sent }: Fetch,
    ownership: Ownership,
    requirements: Requirements,
  ) {
    this.#requirements = requirements;
    this.#sent = sent;
    this.#renamed = renamedKeys(rewrites);
    this.#subgraph = subgraph;
    this.#ownership = ownership;
    const { operation, fragments } = read(parse(query, { noLocation: true }));
    this.#operation = operation;
    this.#fragments = fragments;
  }

  run(): void {
    const root = this.#ownership.roots[this.#operation.operation];
    for (const node of this.#flat(this.#operation.selectionSet)) {
      if (node.kind !== Kind.FIELD || node.name.value !== '_entities' || !node.selectionSet) continue;
      this.#set(node.selectionSet, null, [], this.#sent.get(keyOf(node)) ?? nothing);
      this.#require(node.selectionSet, null, keyOf(node));
    }
    this.#set(this.#operation.selectionSet, root, [], nothing);
    this.#shapes([{ set: this.#operation.selectionSet, type: root }]);
  }

  /** A subgraph refuses one response key for answers of two shapes, whichever types they are on. */
  #shapes(selected: readonly Selected[]): void {
    const shapes = new Map<string, string>();
    const below = new Map<string, Selected[]>();
    const collect = ({ set, type }: Selected): void => {
      for (const node of this.#flat(set)) {
        if (node.kind === Kind.INLINE_FRAGMENT)
          collect({ set: node.selectionSet, type: node.typeCondition?.name.value ?? type });
        if (node.kind !== Kind.FIELD) continue;
        const key = keyOf(node);
        const own = type === null ? undefined : this.#ownership.field(this.#subgraph, type, node.name.value);
        if (own) {
          const shape = this.#ownership.isComposite(own.type) ? own.signature.replace(own.type, '') : own.signature;
          const before = shapes.get(key) ?? shape;
          if (before !== shape)
            throw new WrongPlanError(`${this.#subgraph} is asked for ${before} and ${shape} under the one key ${key}`);
          shapes.set(key, shape);
        }
        if (!node.selectionSet) continue;
        const inner = below.get(key) ?? [];
        inner.push({ set: node.selectionSet, type: own?.type ?? null });
        below.set(key, inner);
      }
    };
    for (const each of selected) collect(each);
    for (const inner of below.values()) this.#shapes(inner);
  }

  /** `type` is null among entities, where only fragments say what there is. `sent` is what came along with the object. */
  #set(
    set: SelectionSetNode,
    type: string | null,
    provided: readonly SelectionSetNode[],
    sent: ReadonlySet<string>,
  ): void {
    const keys = new Map<string, string>();
    for (const node of this.#flat(set)) {
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const inner = node.typeCondition?.name.value ?? type;
        const within = inner === null ? provided : provided.flatMap((each) => this.#within(each, inner));
        this.#set(node.selectionSet, inner, within, sent);
        continue;
      }
      if (node.kind !== Kind.FIELD || node.name.value === '__typename' || node.name.value === '_entities') continue;
      const key = this.#renamed.get(keyOf(node)) ?? keyOf(node);
      const text = textOf(node);
      const before = keys.get(key);
      if (before !== undefined && before !== text)
        throw new WrongPlanError(`${this.#subgraph} is asked for ${before} and ${text} under the one key ${key}`);
      keys.set(key, text);
      if (type !== null) this.#field(node, type, provided, sent);
    }
  }

  #field(node: FieldNode, type: string, provided: readonly SelectionSetNode[], sent: ReadonlySet<string>): void {
    const name = node.name.value;
    const below = provided.flatMap((set) => this.#provided(set, name));
    const isProvided = below.length > 0;
    for (const possible of new Set([type, ...this.#ownership.possibleTypes(this.#subgraph, type)])) {
      const field = this.#ownership.field(this.#subgraph, possible, name);
      // The interface itself may be silent about a field of all its types.
      if (!field && possible !== type) continue;
      if (!field) throw this.#wrong(type, name);
      if (isProvided) continue;
      if (!field.resolves) throw this.#wrong(possible, name);
      const missing = requiredFields(field.requires).find(
        (required) => !sent.has(required.name.value) && !this.#hasProvided(required, possible, provided),
      );
      if (missing)
        throw new WrongPlanError(
          `${this.#subgraph} is asked for ${possible}.${name} without ${missing.name.value}, which it requires`,
        );
    }
    const own = this.#ownership.field(this.#subgraph, type, name);
    if (!own) return;
    if (!node.selectionSet) {
      if (!this.#ownership.isComposite(own.type)) return;
      throw new WrongPlanError(`${this.#subgraph} is asked for ${type}.${name} without saying what of it`);
    }
    const next = [...below.flatMap((field) => field.selectionSet ?? []), ...(own.provides ? [own.provides] : [])];
    this.#set(node.selectionSet, own.type, next, nothing);
  }

  /** What the fields of entities require. */
  #require(set: SelectionSetNode, type: string | null, group: string): void {
    for (const node of this.#flat(set)) {
      if (node.kind === Kind.INLINE_FRAGMENT)
        this.#require(node.selectionSet, node.typeCondition?.name.value ?? type, group);
      if (node.kind !== Kind.FIELD || type === null) continue;
      const requires = this.#ownership.field(this.#subgraph, type, node.name.value)?.requires;
      if (requires) this.#requirements.add(group, type, requires);
    }
  }

  #wrong(type: string, field: string): WrongPlanError {
    return new WrongPlanError(`${this.#subgraph} is asked for ${type}.${field}, which it does not resolve there`);
  }

  /** Whether all of a required field is there without being sent, because the subgraph provides it on this way. */
  #hasProvided(required: FieldNode, type: string, provided: readonly SelectionSetNode[]): boolean {
    const found = provided.flatMap((set) => this.#provided(set, required.name.value));
    if (!found.some((each) => textOf(each) === textOf(required))) return false;
    const inner = this.#ownership.field(this.#subgraph, type, required.name.value)?.type;
    if (!required.selectionSet) return true;
    if (inner === undefined) return false;
    return this.#hasAllProvided(
      required.selectionSet,
      inner,
      found.flatMap((each) => each.selectionSet ?? []),
    );
  }

  #hasAllProvided(set: SelectionSetNode, type: string, provided: readonly SelectionSetNode[]): boolean {
    return set.selections.every((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return false;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const inner = node.typeCondition?.name.value ?? type;
        return this.#hasAllProvided(
          node.selectionSet,
          inner,
          provided.flatMap((each) => this.#within(each, inner)),
        );
      }
      if (node.name.value === '__typename' || this.#hasProvided(node, type, provided)) return true;
      const own = this.#ownership.field(this.#subgraph, type, node.name.value);
      if (own?.resolves !== true || own.requires) return false;
      return (
        !node.selectionSet || this.#hasAllProvided(node.selectionSet, own.type, own.provides ? [own.provides] : [])
      );
    });
  }

  /** The fields of this name in a set that is provided, whatever type they are on. */
  #provided(set: SelectionSetNode, name: string): readonly FieldNode[] {
    return set.selections.flatMap((node): readonly FieldNode[] => {
      if (node.kind === Kind.FIELD) return node.name.value === name ? [node] : [];
      return node.kind === Kind.INLINE_FRAGMENT ? this.#provided(node.selectionSet, name) : [];
    });
  }

  /** What of a provided set holds for a type. */
  #within(set: SelectionSetNode, type: string): readonly SelectionSetNode[] {
    const selections = set.selections.filter((node) => {
      if (node.kind !== Kind.INLINE_FRAGMENT || !node.typeCondition) return true;
      const condition = node.typeCondition.name.value;
      const possible = this.#ownership.possibleTypes(this.#subgraph, condition);
      return (
        condition === type ||
        this.#ownership.possibleTypes(this.#subgraph, type).some((each) => possible.includes(each))
      );
    });
    return selections.length === 0 ? [] : [{ ...set, selections }];
  }

  #flat(set: SelectionSetNode): readonly SelectionNode[] {
    return set.selections.map((node): SelectionNode => {
      if (node.kind !== Kind.FRAGMENT_SPREAD) return node;
      const fragment = this.#fragments.get(node.name.value);
      if (!fragment) return node;
      return { kind: Kind.INLINE_FRAGMENT, typeCondition: fragment.typeCondition, selectionSet: fragment.selectionSet };
    });
  }
}

function read(document: DocumentNode): {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
} {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new WrongPlanError('the document has no operation');
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return { operation, fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])) };
}

/** The fields at the top of what is required, those inside fragments aside: which of them count depends on the entity. */
function requiredFields(set: SelectionSetNode | null): readonly FieldNode[] {
  return (set?.selections ?? []).filter((node) => node.kind === Kind.FIELD);
}

/** The field and its arguments, whatever it is called and whatever is below it. */
function textOf({ kind, name, arguments: given, directives }: FieldNode): string {
  return print({ kind, name, ...(given ? { arguments: given } : {}), ...(directives ? { directives } : {}) });
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}
