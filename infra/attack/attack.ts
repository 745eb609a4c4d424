import type { Target } from './target.ts';

/** What an attack met: the HTTP status or close code, and the code of the first GraphQL error, where there is one. */
export interface Met {
  readonly status: number;
  readonly code: string | null;
}

/** One hostile thing that public GraphQL security tools try, and what it has to meet. */
export interface Attack {
  readonly name: string;
  /** Sends it and tells what it met. */
  readonly send: (target: Target) => Promise<Met>;
  /** Statuses and codes that count as refused; any code where none is named. */
  readonly refusedWith: { readonly status: readonly number[]; readonly code?: readonly string[] };
}

/** The outcome of one attack. */
export interface Verdict {
  readonly attack: string;
  readonly refused: boolean;
  readonly met: Met;
  /** Requests that subgraphs got meanwhile: none may. */
  readonly subgraphCalls: number;
  readonly ms: number;
}

/** Sends the attacks one after the other and looks at the gateway's own count of subgraph requests around each. */
export async function runAttacks(target: Target, attacks: readonly Attack[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const attack of attacks) {
    const before = await target.subgraphCalls();
    const startedMs = performance.now();
    const met = await attack.send(target);
    const ms = performance.now() - startedMs;
    const subgraphCalls = (await target.subgraphCalls()) - before;
    const { status, code } = attack.refusedWith;
    const expected = status.includes(met.status) && (code === undefined || code.includes(met.code ?? ''));
    verdicts.push({ attack: attack.name, refused: expected && subgraphCalls === 0, met, subgraphCalls, ms });
  }
  return verdicts;
}
