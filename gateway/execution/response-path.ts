import type { ResponsePath } from '../errors.ts';

/** A place in the response, as a chain back to the root: lists of many entities share their beginnings. */
export interface PathLink {
  readonly key: string | number;
  readonly previous: PathLink | null;
}

export function toPath(link: PathLink | null): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = link; at !== null; at = at.previous) path.push(at.key);
  return path.reverse();
}

/** True where one path begins with the other: an error at one of them explains a null at the other. */
export function onOneLine(a: ResponsePath, b: ResponsePath): boolean {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
