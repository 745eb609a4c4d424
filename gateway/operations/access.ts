import { isAbstractType, isCompositeType, isObjectType, getNamedType } from 'graphql';
import type { GraphQLCompositeType, GraphQLField, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { checkRequirement } from '../supergraph/access-rules.ts';
import type { AccessRules, Denial, Requirement, Rights } from '../supergraph/access-rules.ts';

/** The rules of a supergraph as they apply to one caller. */
export class Access {
  readonly #rules: AccessRules;
  readonly #schema: GraphQLSchema;
  readonly #rights: Rights;

  constructor(options: { readonly rules: AccessRules; readonly schema: GraphQLSchema; readonly rights: Rights }) {
    this.#rules = options.rules;
    this.#schema = options.schema;
    this.#rights = options.rights;
  }

  /** Why the caller may not see objects of a type, or null. */
  ofType(type: string): Denial | null {
    return this.#first(this.#rules.ofType(type));
  }

  /** Why the caller may not read a field of a type, or null. What the field returns counts as well. */
  ofField(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): Denial | null {
    return this.#first(requirementsOfField(this.#rules, parent, field));
  }

  /** The object types of an abstract parent on which the caller may read the field; null where that is all of them. */
  readableOn(parent: GraphQLCompositeType, fieldName: string): readonly GraphQLObjectType[] | null {
    if (!isAbstractType(parent)) return null;
    const possible = this.#schema.getPossibleTypes(parent);
    const readable = possible.filter((type) => {
      const field = type.getFields()[fieldName];
      return field === undefined || this.ofField(type, field) === null;
    });
    return readable.length === possible.length ? null : readable;
  }

  #first(requirements: readonly Requirement[]): Denial | null {
    for (const requirement of requirements) {
      const denial = checkRequirement(requirement, this.#rights);
      if (denial) return denial;
    }
    return null;
  }
}

/** All that a caller must pass to read a field: the rules on it, on its parent and on what it returns. */
function requirementsOfField(
  rules: AccessRules,
  parent: GraphQLCompositeType,
  field: GraphQLField<unknown, unknown>,
): readonly Requirement[] {
  const returned = getNamedType(field.type);
  const own = rules.ofField(parent.name, field.name);
  const around = isObjectType(parent) ? rules.ofType(parent.name) : [];
  return [...own, ...around, ...rules.ofType(returned.name)];
}

/** Every requirement that selecting a field may meet, also those on the object types behind an interface. */
export function requirementsBehindField(
  rules: AccessRules,
  schema: GraphQLSchema,
  parent: GraphQLCompositeType,
  field: GraphQLField<unknown, unknown>,
): readonly Requirement[] {
  const found = [...requirementsOfField(rules, parent, field)];
  for (const type of possibleTypes(schema, parent)) {
    const implemented = type.getFields()[field.name];
    if (implemented) found.push(...requirementsOfField(rules, type, implemented));
  }
  const returned = getNamedType(field.type);
  if (isCompositeType(returned))
    for (const type of possibleTypes(schema, returned)) found.push(...rules.ofType(type.name));
  return found;
}

function possibleTypes(schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLObjectType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
}
