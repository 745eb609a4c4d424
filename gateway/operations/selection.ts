import { Kind } from 'graphql';
import type { DirectiveNode } from 'graphql';

/** Whether @skip and @include let a selection pass, given the values of the variables that they ask. */
export function isIncluded(
  directives: readonly DirectiveNode[] | undefined,
  variables: Readonly<Record<string, unknown>>,
): boolean {
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') continue;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const holds =
      value?.kind === Kind.VARIABLE
        ? variables[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    if (holds === (name === 'skip')) return false;
  }
  return true;
}

/** Root fields about the schema itself. The gateway answers them; no subgraph hears of them. */
export function isIntrospectionField(name: string): boolean {
  return name === '__schema' || name === '__type';
}
