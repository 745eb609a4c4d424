import { isTypeDefinitionNode, Kind, valueFromASTUntyped } from 'graphql';
import type { ConstDirectiveNode, DocumentNode } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import { errorCodes, SupergraphError } from '../errors.ts';

/** What a caller must be or hold to read a type or a field. */
export interface Requirement {
  /** Names it among others: equal requirements have equal keys. */
  readonly key: string;
  /** Any one of these lists of scopes will do; an empty list of lists asks for a valid token only. */
  readonly anyOfScopes: readonly (readonly string[])[];
  /** Any one of these lists of policies will do; undefined where it is not about policies. */
  readonly anyOfPolicies?: readonly (readonly string[])[];
}

/** What a caller has to pass requirements with. */
export interface Rights {
  readonly claims: Claims | null;
  /** Those of the policies asked for that the caller meets. */
  readonly policies: ReadonlySet<string>;
}

export interface Denial {
  readonly code: string;
  readonly message: string;
}

export interface AccessRules {
  ofType(type: string): readonly Requirement[];
  ofField(type: string, field: string): readonly Requirement[];
}

const none: readonly Requirement[] = [];

/** Reads `@authenticated`, `@requiresScopes` and `@policy` off a supergraph. */
export function readAccessRules(supergraph: DocumentNode): AccessRules {
  const types = new Map<string, readonly Requirement[]>();
  const fields = new Map<string, readonly Requirement[]>();
  for (const node of supergraph.definitions) {
    if (!isTypeDefinitionNode(node)) continue;
    put(types, node.name.value, node.directives ?? []);
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of node.fields ?? [])
      put(fields, `${node.name.value}.${field.name.value}`, field.directives ?? []);
  }
  return {
    ofType: (type) => types.get(type) ?? none,
    ofField: (type, field) => fields.get(`${type}.${field}`) ?? none,
  };
}

/** Why a caller may not pass a requirement, or null. */
export function checkRequirement(requirement: Requirement, { claims, policies }: Rights): Denial | null {
  if (claims === null) {
    return {
      code: errorCodes.unauthenticated,
      message: 'a valid token is needed: send the header "Authorization: Bearer …"',
    };
  }
  if (requirement.anyOfPolicies) {
    if (requirement.anyOfPolicies.some((names) => names.every((name) => policies.has(name)))) return null;
    const wanted = requirement.anyOfPolicies.map((names) => names.join(' and ')).join(', or ');
    return { code: errorCodes.forbidden, message: `it takes the policy ${wanted}` };
  }
  if (requirement.anyOfScopes.length === 0) return null;
  if (requirement.anyOfScopes.some((scopes) => scopes.every((scope) => claims.scopes.includes(scope)))) return null;
  const wanted = requirement.anyOfScopes.map((scopes) => scopes.join(' and ')).join(', or ');
  return { code: errorCodes.forbidden, message: `the token lacks the scope it takes: ${wanted}` };
}

function put(map: Map<string, readonly Requirement[]>, key: string, directives: readonly ConstDirectiveNode[]): void {
  const requirements = directives.flatMap((directive) => requirementOf(directive) ?? []);
  if (requirements.length > 0) map.set(key, requirements);
}

function requirementOf(directive: ConstDirectiveNode): Requirement | undefined {
  switch (directive.name.value) {
    case 'authenticated':
      return { key: 'authenticated', anyOfScopes: [] };
    case 'requiresScopes': {
      const anyOfScopes = nameLists(directive, 'scopes');
      return { key: `scopes:${JSON.stringify(anyOfScopes)}`, anyOfScopes };
    }
    case 'policy': {
      const anyOfPolicies = nameLists(directive, 'policies');
      return { key: `policies:${JSON.stringify(anyOfPolicies)}`, anyOfScopes: [], anyOfPolicies };
    }
    default:
      return undefined;
  }
}

/** A list of lists of names. As GraphQL coerces it: a name on its own is a list, and so is a list of names a list of such lists. */
function nameLists(directive: ConstDirectiveNode, argument: string): readonly (readonly string[])[] {
  const node = directive.arguments?.find(({ name }) => name.value === argument)?.value;
  const value: unknown = node && valueFromASTUntyped(node);
  const lists = listOf(value).map((item) => listOf(item));
  if (node === undefined || lists.some((names) => names.some((name) => typeof name !== 'string')))
    throw new SupergraphError(`@${directive.name.value}(${argument}:) must be a list of lists of names`);
  return lists as readonly (readonly string[])[];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
