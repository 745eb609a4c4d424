import { GraphQLError, Kind } from 'graphql';
import type { ASTVisitor, ValidationContext } from 'graphql';

/**
 * What the incremental delivery proposal asks of `@defer` beyond its definition: labels are texts that occur once in a document, and the
 * root fields of mutations and subscriptions are not deferred.
 */
export function deferRule(context: ValidationContext): ASTVisitor {
  const labels = new Set<string>();
  return {
    [Kind.DIRECTIVE](node) {
      if (node.name.value !== 'defer') return;
      const refuse = (message: string): void => context.reportError(new GraphQLError(message, { nodes: node }));
      const parent = context.getParentType();
      const schema = context.getSchema();
      if (parent && (parent === schema.getMutationType() || parent === schema.getSubscriptionType()))
        refuse(`@defer cannot be used on ${parent.name}: its fields run one after the other, defer what is below them`);
      const value = node.arguments?.find((argument) => argument.name.value === 'label')?.value;
      if (value === undefined || value.kind === Kind.NULL) return;
      if (value.kind !== Kind.STRING) {
        refuse('the label of @defer must be a text in the document, not a variable');
        return;
      }
      if (labels.has(value.value))
        refuse(`the label ${JSON.stringify(value.value)} of @defer occurs twice: give each its own`);
      labels.add(value.value);
    },
  };
}
