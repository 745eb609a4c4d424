import { Kind } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLError, SelectionSetNode } from 'graphql';
import { errorCodes, gatewayError } from '../errors.ts';

/** What one operation may ask for. All are checked before the operation is validated, planned or sent anywhere. */
export interface OperationLimits {
  /** Levels of nested fields. */
  readonly depth: number;
  /** Aliased fields, fragments counted as often as they are spread. */
  readonly aliases: number;
  /** Fields of the operation's root, counted the same way. */
  readonly rootFields: number;
  /** Fields in all, counted the same way. */
  readonly fields: number;
  /** Lexical tokens of the document. */
  readonly tokens: number;
  /** Characters of the document, those of its strings and comments too. */
  readonly documentCharacters: number;
}

interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
  readonly rootFields: number;
}

const nothing: Size = { depth: 0, aliases: 0, fields: 0, rootFields: 0 };

/** The limits that a parsed document breaks, one error each. Fragments may be unknown or circular: validation tells of those. */
export function checkLimits(document: DocumentNode, limits: OperationLimits): readonly GraphQLError[] {
  const measure = createMeasure(document);
  const errors: GraphQLError[] = [];
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const size = measure(node.selectionSet);
    const check = (what: string, unit: string, code: string, actual: number, limit: number): void => {
      if (actual <= limit) return;
      errors.push(
        gatewayError(`the operation ${what} ${actual} ${unit}, ${limit} are allowed`, {
          code,
          details: { limit, actual },
        }),
      );
    };
    check('nests', 'levels of fields', errorCodes.depthLimit, size.depth, limits.depth);
    check('has', 'aliases', errorCodes.aliasLimit, size.aliases, limits.aliases);
    check('has', 'root fields', errorCodes.rootFieldLimit, size.rootFields, limits.rootFields);
    check('has', 'fields', errorCodes.fieldLimit, size.fields, limits.fields);
  }
  return errors;
}

/** Each fragment is measured once, so that spreads of spreads cost no more than the document is long. */
function createMeasure(document: DocumentNode): (set: SelectionSetNode) => Size {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const measured = new Map<string, Size>();
  const measureFragment = (name: string): Size => {
    const known = measured.get(name);
    if (known) return known;
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment ? measure(fragment.selectionSet) : nothing;
    measured.set(name, size);
    return size;
  };
  const measureField = (node: FieldNode): Size => {
    const inner = node.selectionSet ? measure(node.selectionSet) : nothing;
    return {
      depth: inner.depth + 1,
      aliases: inner.aliases + (node.alias ? 1 : 0),
      fields: inner.fields + 1,
      rootFields: 1,
    };
  };
  const measure = (set: SelectionSetNode): Size => {
    let sum = nothing;
    for (const node of set.selections) {
      const size =
        node.kind === Kind.FIELD
          ? measureField(node)
          : node.kind === Kind.FRAGMENT_SPREAD
            ? measureFragment(node.name.value)
            : measure(node.selectionSet);
      sum = {
        depth: Math.max(sum.depth, size.depth),
        aliases: sum.aliases + size.aliases,
        fields: sum.fields + size.fields,
        rootFields: sum.rootFields + size.rootFields,
      };
    }
    return sum;
  };
  return measure;
}
