import { Kind, parse, visit } from 'graphql';
import type { DocumentNode } from 'graphql';

/** What a response key is asked for in the plan's first fetch, see `contestedKeys`. */
export type DataKey = (fieldName: string, responseKey: string) => string;

const prefix = '_vcos_';
/** What begins as ours do, or as those that the planner makes up, would be read as one of them. */
const reserved = /^(_vcos_|_internal_qp_alias_)/;

/**
 * The planner adds the fields of `@key` and `@requires` to what the client asked for. Where the client uses such a field's
 * name for something else (another field under that alias, or the field with other arguments) one of the two would be read
 * for the other: the planner keeps them apart at the top of an entity only, not inside objects. So the client's
 * field travels under a name of its own and is put back when the response is shaped.
 */
export function contestedKeys(supergraph: DocumentNode): DataKey {
  const inputs = new Set(['__typename']);
  const withArguments = new Set<string>();
  visit(supergraph, {
    [Kind.FIELD_DEFINITION]: (node) => {
      if (node.arguments !== undefined && node.arguments.length > 0) withArguments.add(node.name.value);
    },
    [Kind.DIRECTIVE]: (node) => {
      if (node.name.value !== 'join__type' && node.name.value !== 'join__field') return;
      for (const argument of node.arguments ?? []) {
        if (argument.name.value !== 'key' && argument.name.value !== 'requires') continue;
        if (argument.value.kind === Kind.STRING) addFieldNames(argument.value.value, inputs);
      }
    },
  });
  return (fieldName, responseKey) => {
    const contested = inputs.has(responseKey) && (fieldName !== responseKey || withArguments.has(fieldName));
    // Every object has these: what no subgraph gave would be taken for something.
    const inherited = responseKey in Object.prototype;
    return contested || inherited || reserved.test(responseKey) ? prefix + responseKey : responseKey;
  };
}

/** The client's key for a key of the plan's data. */
export function responseKeyOf(dataKey: string): string {
  return dataKey.startsWith(prefix) ? dataKey.slice(prefix.length) : dataKey;
}

function addFieldNames(fieldSet: string, names: Set<string>): void {
  visit(parse(`{${fieldSet}}`, { noLocation: true }), { [Kind.FIELD]: (node) => void names.add(node.name.value) });
}
