import { Kind } from 'graphql';
import type { DirectiveNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';
import type { Operation } from './operation.ts';

/** An operation whose fragments with an active `@defer` have names of the gateway's own. */
export interface DeferredOperation {
  /** Without named fragments: one that is spread twice is two parts of the response. */
  readonly operation: Operation;
  /** What the client calls a part, by the gateway's name for it. */
  readonly labels: ReadonlyMap<string, string | undefined>;
}

/** Parts beyond which an operation is answered in one piece: each of them makes planning longer. */
const partsMax = 16;
/** Selections beyond which it is, too: fragments that spread fragments would be written out without end. */
const selectionsMax = 5_000;

const noFragments: ReadonlyMap<string, FragmentDefinitionNode> = new Map();

/** Names the parts of an operation that may come later than the rest. Null where there are none, or too many. */
export function expandDeferred(
  operation: Operation,
  variables: Readonly<Record<string, unknown>>,
): DeferredOperation | null {
  const labels = new Map<string, string | undefined>();
  let selections = 0;
  const expand = (set: SelectionSetNode): SelectionSetNode => ({ ...set, selections: set.selections.flatMap(each) });
  const each = (node: SelectionNode): readonly SelectionNode[] => {
    selections += 1;
    if (selections > selectionsMax) return [];
    if (node.kind === Kind.FIELD)
      return [node.selectionSet ? { ...node, selectionSet: expand(node.selectionSet) } : node];
    const target = node.kind === Kind.INLINE_FRAGMENT ? node : operation.fragments.get(node.name.value);
    if (!target) return [];
    const directives = (node.directives ?? []).flatMap((directive): readonly DirectiveNode[] => {
      if (directive.name.value !== 'defer') return [directive];
      if (!isActive(directive, variables)) return [];
      const name = `part${labels.size}`;
      labels.set(name, stringOf(directive, 'label'));
      return [named(directive, name)];
    });
    const { typeCondition } = target;
    const selectionSet = expand(target.selectionSet);
    return [{ kind: Kind.INLINE_FRAGMENT, ...(typeCondition ? { typeCondition } : {}), directives, selectionSet }];
  };
  const selectionSet = expand(operation.node.selectionSet);
  if (labels.size === 0 || labels.size > partsMax || selections > selectionsMax) return null;
  return { operation: { ...operation, node: { ...operation.node, selectionSet }, fragments: noFragments }, labels };
}

/** The gateway's name of the part that a fragment of such an operation is; undefined for one that comes with the rest. */
export function partName(directives: readonly DirectiveNode[] | undefined): string | undefined {
  const directive = deferOf(directives);
  return directive && stringOf(directive, 'label');
}

/** The `@defer` among directives. */
export function deferOf(directives: readonly DirectiveNode[] | undefined): DirectiveNode | undefined {
  return directives?.find(({ name }) => name.value === 'defer');
}

function isActive(directive: DirectiveNode, variables: Readonly<Record<string, unknown>>): boolean {
  const value = directive.arguments?.find(({ name }) => name.value === 'if')?.value;
  // What is not given is true by the directive's default.
  if (value?.kind === Kind.VARIABLE) return variables[value.name.value] !== false;
  return value?.kind !== Kind.BOOLEAN || value.value;
}

function stringOf({ arguments: given }: DirectiveNode, argument: string): string | undefined {
  const value = given?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function named(directive: DirectiveNode, label: string): DirectiveNode {
  const value = { kind: Kind.STRING, value: label } as const;
  return {
    ...directive,
    arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'label' }, value }],
  };
}
