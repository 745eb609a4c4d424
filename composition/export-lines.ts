const newline = 0x0a;

/** Not a line of any export. */
const unfit = '';

/**
 * The lines of an export from its bytes. Only a newline ends one: `readline` breaks at U+2028, too, which people's words may hold. Of what is no UTF-8
 * an empty line comes out, which no export has, where a lenient decoder would read the same text from other bytes.
 */
export async function* exportLinesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const text = (line: Uint8Array): string => {
    try {
      return decoder.decode(line);
    } catch {
      return unfit;
    }
  };
  let begun: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const rest = chunk.subarray(from, end);
      yield text(begun.length === 0 ? rest : Buffer.concat([...begun, rest]));
      begun = [];
      from = end + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (begun.length > 0) yield text(Buffer.concat(begun));
}
