/** Finalizer of MurmurHash3 (Appleby, public domain): spreads every bit of a 32-bit integer over all of them. */
function spread(bits: number): number {
  let h = bits;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A 32-bit hash of text, for keys of walks (FNV-1a over UTF-16 units, then spread). */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  return spread(h);
}

/** Joins two hashes into one; the order matters. */
export function joinHashes(a: number, b: number): number {
  return spread(Math.imul(a, 0x9e3779b1) ^ spread(b ^ 0x7f4a7c15));
}

/** A number strictly between 0 and 1 that only the three depend on. */
export function uniform(key: number, place: number, round: number): number {
  const h = joinHashes(key, Math.imul(place, 0x27d4eb2f) + round);
  return ((h >>> 0) + 0.5) / 4_294_967_296;
}
