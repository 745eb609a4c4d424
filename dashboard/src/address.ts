/** A part of the address as it was meant; where it is not well encoded (`100%` typed by hand), as it stands. */
export function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
