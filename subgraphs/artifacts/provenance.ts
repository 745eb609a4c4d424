/** One artifact that was reached, and the derivation by which it was reached first. */
export interface ProvenanceStep {
  readonly artifactId: string;
  /** Derivations between it and the start, 1 for a direct one. */
  readonly depth: number;
  readonly link: DerivationLink;
}

export interface DerivationLink {
  /** The work that derives. */
  readonly from: string;
  /** The work that it derives from. */
  readonly to: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface WalkOptions {
  readonly start: readonly string[];
  readonly maxDepth: number;
  readonly stepsMax: number;
  /** The direct neighbours of each id in the direction of the walk; `hasMore` where not all are told. */
  neighbours(ids: readonly string[]): Promise<
    readonly {
      readonly links: readonly { readonly id: string; readonly link: DerivationLink }[];
      readonly hasMore: boolean;
    }[]
  >;
  /** Which of these may be shown and passed through. */
  visible(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface Walk {
  /** Nearest first, each artifact once, the start left out. */
  readonly steps: readonly ProvenanceStep[];
  /** Whether a limit other than `maxDepth` left something out. */
  readonly isTruncated: boolean;
}

/** Follows derivations level by level. Ends also where the graph has cycles, which it should not. */
export async function walkProvenance(options: WalkOptions): Promise<Walk> {
  const seen = new Set(options.start);
  const steps: ProvenanceStep[] = [];
  let frontier = [...seen];
  let isTruncated = false;
  for (let depth = 1; depth <= options.maxDepth && frontier.length > 0; depth++) {
    const found = new Map<string, ProvenanceStep>();
    for (const { links, hasMore } of await options.neighbours(frontier)) {
      isTruncated ||= hasMore;
      for (const { id, link } of links)
        if (!seen.has(id) && !found.has(id)) found.set(id, { artifactId: id, depth, link });
    }
    const visible = await options.visible([...found.keys()]);
    const shown = [...found.values()].filter((step) => visible.has(step.artifactId));
    for (const id of found.keys()) seen.add(id);
    const room = options.stepsMax - steps.length;
    steps.push(...shown.slice(0, room));
    if (shown.length > room) return { steps, isTruncated: true };
    frontier = shown.map((step) => step.artifactId);
  }
  return { steps, isTruncated };
}
