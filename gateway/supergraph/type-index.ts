import { Kind } from 'graphql';
import type { DocumentNode } from 'graphql';

/** Which types stand for which, inaccessible ones included: plans speak of types that clients never see. */
export interface TypeIndex {
  isObjectType(name: string): boolean;
  /** True where an object of type `name` satisfies a condition on `condition`. */
  satisfies(name: string, condition: string): boolean;
  /** True for every value of an enum, those that clients may not see included. */
  hasEnumValue(type: string, value: string): boolean;
}

/** Reads the index off a supergraph. */
export function indexTypes(supergraph: DocumentNode): TypeIndex {
  const objects = new Set<string>();
  const enumValues = new Set<string>();
  const supertypes = new Map<string, Set<string>>();
  const add = (name: string, supertype: string): void => {
    const known = supertypes.get(name);
    if (known) known.add(supertype);
    else supertypes.set(name, new Set([supertype]));
  };
  for (const node of supergraph.definitions) {
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION) objects.add(node.name.value);
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      for (const parent of node.interfaces ?? []) add(node.name.value, parent.name.value);
    } else if (node.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const member of node.types ?? []) add(member.name.value, node.name.value);
    } else if (node.kind === Kind.ENUM_TYPE_DEFINITION) {
      for (const value of node.values ?? []) enumValues.add(`${node.name.value}.${value.name.value}`);
    }
  }
  return {
    isObjectType: (name) => objects.has(name),
    satisfies: (name, condition) => name === condition || supertypes.get(name)?.has(condition) === true,
    hasEnumValue: (type, value) => enumValues.has(`${type}.${value}`),
  };
}
