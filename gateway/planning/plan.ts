/**
 * The gateway's own form of a query plan. Every planner's plans are normalised to it, so that nothing after the planner
 * knows which one was used.
 */
export type PlanNode = RootFetch | EntityFetch | SequenceNode | ParallelNode | ConditionNode;

export interface Plan {
  /** Null where nothing has to be fetched. */
  readonly node: PlanNode | null;
  /** For a subscription: the fetch that would give its events. `node` is then what runs for each event. */
  readonly primary: RootFetch | null;
}

export interface SubgraphOperation {
  readonly subgraph: string;
  readonly query: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Names of the client's variables that the query uses. */
  readonly variables: readonly string[];
}

/** A plan whose parts may be answered after it, each with parts of its own. */
export interface DeferredPlan {
  /** Null where nothing has to be fetched. */
  readonly node: PlanNode | null;
  readonly parts: readonly DeferredPart[];
}

export interface DeferredPart {
  /** The name that `expandDeferred` gave it. */
  readonly name: string;
  /** Ids of fetches of the plan around it that must be done before it begins. */
  readonly depends: readonly string[];
  readonly plan: DeferredPlan;
}

/** A fetch from a root type. */
export interface RootFetch {
  readonly kind: 'root';
  /** Names it where deferred parts wait for it. */
  readonly id?: string;
  readonly operation: SubgraphOperation;
  readonly outputRewrites: readonly Rewrite[];
}

/** A fetch of entities that are already part of the response, through `_entities`. */
export interface EntityFetch {
  readonly kind: 'entities';
  /** Names it where deferred parts wait for it. */
  readonly id?: string;
  readonly operation: SubgraphOperation;
  readonly groups: readonly EntityGroup[];
}

export interface EntityGroup {
  /** The response key of this group's `_entities` field. */
  readonly key: string;
  /** The variable that takes the representations; groups may share one. */
  readonly variable: string;
  /** Where in the response the entities are; what comes back is merged at each of them. */
  readonly paths: readonly (readonly PathSegment[])[];
  readonly requires: readonly RequiredSelection[];
  /** The same by path, where what is required stands under another key at each. */
  readonly requiresAt?: readonly (readonly RequiredSelection[])[];
  readonly inputRewrites: readonly Rewrite[];
  readonly outputRewrites: readonly Rewrite[];
  /** False where what follows may treat one entity differently from place to place. */
  readonly sharesEntities: boolean;
  /** Variables whose values come from objects above the entities. */
  readonly contexts: readonly ContextInput[];
}

/** A variable that takes its value from an object above an entity. */
export interface ContextInput {
  readonly variable: string;
  /** How many objects above the entity. */
  readonly up: number;
  /** From there on. */
  readonly path: readonly RewriteSegment[];
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly nodes: readonly PlanNode[];
}

export interface ParallelNode {
  readonly kind: 'parallel';
  readonly nodes: readonly PlanNode[];
}

export interface ConditionNode {
  readonly kind: 'condition';
  readonly variable: string;
  readonly whenTrue: PlanNode | null;
  readonly whenFalse: PlanNode | null;
}

export type PathSegment =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'type'; readonly anyOf: readonly string[] };

/** What of an entity goes into its representation. `from` is the key in the response, `to` the key that is sent. */
export type RequiredSelection =
  | {
      readonly kind: 'field';
      readonly from: string;
      readonly to: string;
      readonly selections: readonly RequiredSelection[] | null;
    }
  | { readonly kind: 'fragment'; readonly on: string; readonly selections: readonly RequiredSelection[] };

export interface Rewrite {
  readonly path: readonly RewriteSegment[];
  readonly action: { readonly kind: 'set'; readonly value: string } | { readonly kind: 'rename'; readonly to: string };
}

export type RewriteSegment =
  { readonly kind: 'key'; readonly name: string } | { readonly kind: 'type'; readonly anyOf: readonly string[] };
