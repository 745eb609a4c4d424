import type { NodeProps, NodeType } from './catalogue.ts';

type ListProperty<T extends NodeType> = {
  [P in keyof NodeProps[T]]-?: NodeProps[T][P] extends readonly string[] ? P : never;
}[keyof NodeProps[T]];

/** The properties that hold lists of texts: a filter on them means "contains". */
const listProperties: {
  readonly [T in NodeType as [ListProperty<T>] extends [never] ? never : T]: Readonly<Record<ListProperty<T>, true>>;
} = {
  Creator: { skills: true, publicMetrics: true },
  Artifact: { tags: true },
  ReputationSettings: { leaderboards: true, freezes: true },
  LevelDecision: { reasons: true },
  Badge: { evidence: true },
};

export function isListProperty(type: NodeType, property: string): boolean {
  const of: Partial<Record<NodeType, object>> = listProperties;
  return Object.hasOwn(of[type] ?? {}, property);
}
