import type { Rewrite } from './plan.ts';

/** The client's keys for the keys that a fetch asks for under another name, so that its errors point to the former. */
export function renamedKeys(rewrites: readonly Rewrite[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { path, action } of rewrites) {
    const last = path.at(-1);
    if (action.kind === 'rename' && last?.kind === 'key') names.set(last.name, action.to);
  }
  return names;
}
