import { Kind, visit } from 'graphql';
import type { DocumentNode, VariableNode } from 'graphql';

const prefix = '_vcos_';
/** What planners call variables of their own, beside which a client's of the same name would be taken for theirs; and what begins as ours do. */
const contested = /^(representations$|__batch_reps_|contextualArgument_|_vcos_)/;

/** The same operation with other names for those variables that are called like a planner's own. */
export function renameVariables(document: DocumentNode): DocumentNode {
  return visit(document, {
    [Kind.VARIABLE]: (node): VariableNode | undefined =>
      contested.test(node.name.value)
        ? { ...node, name: { ...node.name, value: prefix + node.name.value } }
        : undefined,
  });
}

/** The client's values for variables of a plan, by the plan's names. */
export function pickVariables(
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const asked = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (Object.hasOwn(values, asked)) picked[name] = values[asked];
  }
  return picked;
}
