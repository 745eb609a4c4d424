import { Kind, visit } from 'graphql';
import type { ConstArgumentNode, DocumentNode } from 'graphql';

/** The progressive overrides that hold for one operation. */
export interface ActiveOverrides {
  /** Labels that are on, those of the form `percent(n)` among them. */
  readonly labels: ReadonlySet<string>;
  /** From 0 to 100: `percent(n)` is on where this is less than n. */
  readonly roll: number;
}

/** Picks what holds for the next operation, and names it: equal names, equal plans. */
export type PickOverrides = () => { readonly name: string; readonly overrides: ActiveOverrides };

const percent = /^percent\((\d+(?:\.\d+)?)\)$/;

/** Every label that a supergraph's `@override` directives bear, once. */
export function readOverrideLabels(supergraph: DocumentNode): readonly string[] {
  const labels = new Set<string>();
  visit(supergraph, {
    [Kind.DIRECTIVE]: (node) => {
      if (node.name.value !== 'join__field') return;
      const given = (node.arguments as readonly ConstArgumentNode[] | undefined)?.find(
        ({ name }) => name.value === 'overrideLabel',
      )?.value;
      if (given?.kind === Kind.STRING) labels.add(given.value);
    },
  });
  return [...labels].sort();
}

/**
 * `percent(n)` is on for n of a hundred operations, by a throw of the dice for each; any other label is on where `active` has
 * it. `random` gives a number from 0 to 1.
 */
export function createOverridePicker(
  labels: readonly string[],
  active: ReadonlySet<string>,
  random: () => number,
): PickOverrides {
  if (labels.length === 0) {
    const none = { name: '', overrides: { labels: new Set<string>(), roll: 100 } };
    return () => none;
  }
  const thresholds = labels.map((label) => ({ label, below: Number(percent.exec(label)?.[1] ?? Number.NaN) }));
  return () => {
    const roll = random() * 100;
    const on = thresholds
      .filter(({ label, below }) => (Number.isNaN(below) ? active.has(label) : roll < below))
      .map(({ label }) => label);
    return { name: on.join(' '), overrides: { labels: new Set(on), roll } };
  };
}
