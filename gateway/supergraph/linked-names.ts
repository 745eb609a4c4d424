import { Kind, parse, valueFromASTUntyped, visit } from 'graphql';
import type { ConstDirectiveNode, DocumentNode } from 'graphql';
import { SupergraphError } from '../errors.ts';

/** Directives of a supergraph that are read here, by the feature that defines them. */
const featureDirectives: Readonly<Record<string, readonly string[]>> = {
  authenticated: ['authenticated'],
  requiresScopes: ['requiresScopes'],
  policy: ['policy'],
  inaccessible: ['inaccessible'],
  cost: ['cost', 'listSize'],
  tag: ['tag'],
};
/** Features that a supergraph may call necessary for its security: none of them is passed over here. */
const securityFeatures: ReadonlySet<string> = new Set([
  'authenticated',
  'requiresScopes',
  'policy',
  'inaccessible',
  'context',
]);

/**
 * A supergraph's document with each of these directives under its own name. Composition keeps the name that a subgraph gave it
 * (`import: [{ name: "@authenticated", as: "@login" }]`, or `@federation__authenticated` where it was not imported), and a rule that is not
 * found would not be enforced. Throws `SupergraphError` for a supergraph whose security depends on a feature that is unknown here.
 */
export function parseSupergraph(sdl: string): DocumentNode {
  const document = parse(sdl, { noLocation: true });
  const names = new Map<string, string>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of node.directives ?? []) readLink(directive, names);
  }
  if (names.size === 0) return document;
  const named = <T extends { readonly name: { readonly value: string } }>(node: T): T | undefined => {
    const name = names.get(node.name.value);
    return name === undefined ? undefined : { ...node, name: { ...node.name, value: name } };
  };
  return visit(document, { [Kind.DIRECTIVE]: named, [Kind.DIRECTIVE_DEFINITION]: named });
}

/** Adds the names that differ, as `@link` (or `@core` of federation 1) tells them. */
function readLink(directive: ConstDirectiveNode, names: Map<string, string>): void {
  const given = Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  );
  const url = given['url'] ?? given['feature'];
  if (typeof url !== 'string') return;
  const feature = /^https:\/\/specs\.apollo\.dev\/(\w+)\/v\d/.exec(url)?.[1] ?? '';
  if (given['for'] === 'SECURITY' && !securityFeatures.has(feature)) {
    throw new SupergraphError(
      `the supergraph says that its security depends on ${JSON.stringify(url)}, which is unknown here: it is not served without`,
    );
  }
  const prefix = typeof given['as'] === 'string' ? given['as'] : feature;
  for (const name of featureDirectives[feature] ?? []) {
    const local = importedAs(given['import'], name) ?? (name === feature ? prefix : `${prefix}__${name}`);
    if (local !== name) names.set(local, name);
  }
}

function importedAs(imports: unknown, name: string): string | undefined {
  for (const item of Array.isArray(imports) ? (imports as unknown[]) : []) {
    const { name: from, as = from } = (typeof item === 'string' ? { name: item } : item) as Record<string, unknown>;
    if (from === `@${name}` && typeof as === 'string') return as.replace(/^@/, '');
  }
  return undefined;
}
