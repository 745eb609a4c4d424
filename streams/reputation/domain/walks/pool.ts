/** Typed arrays that grow by doubling; what is new is filled with `fill`. */
export function grownInts(before: Int32Array<ArrayBuffer>, length: number, fill = 0): Int32Array<ArrayBuffer> {
  if (length <= before.length) return before;
  const grown = new Int32Array(grownLength(before.length, length));
  grown.set(before);
  if (fill !== 0) grown.fill(fill, before.length);
  return grown;
}

export function grownFloats(before: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= before.length) return before;
  const grown = new Float64Array(grownLength(before.length, length));
  grown.set(before);
  return grown;
}

function grownLength(before: number, wanted: number): number {
  let length = Math.max(16, before);
  while (length < wanted) length *= 2;
  return length;
}
