/** A GraphML document (Brandes et al. 2002) piece by piece: {@link GraphmlKeys} first, then nodes, then edges, then {@link graphmlEnd}. */

type Value = string | number | readonly string[];
export type Fields = Readonly<Record<string, Value>>;

/** What nodes and edges tell, with its GraphML type. Lists are written as texts, one item a line. */
export interface GraphmlKeys {
  readonly node: Readonly<Record<string, 'string' | 'double' | 'int'>>;
  readonly edge: Readonly<Record<string, 'string' | 'double' | 'int'>>;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** A text in XML 1.0: what no document may hold (control characters, half a surrogate pair, non-characters) becomes U+FFFD. Line breaks stand as references, or parsers would bend them. */
function xmlText(text: string): string {
  return (
    text
      .toWellFormed()
      // eslint-disable-next-line no-control-regex -- these are the characters that XML 1.0 forbids
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"']/g, (mark) => escapes[mark] as string)
      .replaceAll(/[\t\n\r]/g, (mark) => `&#${mark.charCodeAt(0)};`)
  );
}

function dataOf(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? value.join('\n') : String(value);
      return `<data key="${name}">${xmlText(text)}</data>`;
    })
    .join('');
}

export function graphmlStart(keys: GraphmlKeys): string {
  const declared = (['node', 'edge'] as const).flatMap((of) =>
    Object.entries(keys[of]).map(
      ([name, type]) => `  <key id="${name}" for="${of}" attr.name="${name}" attr.type="${type}"/>`,
    ),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...declared,
    '  <graph id="vcos" edgedefault="directed">',
    '',
  ].join('\n');
}

export function graphmlNode(id: string, fields: Fields): string {
  return `    <node id="${xmlText(id)}">${dataOf(fields)}</node>\n`;
}

export function graphmlEdge(
  edge: { readonly id: string; readonly from: string; readonly to: string; readonly isDirected: boolean },
  fields: Fields,
): string {
  const directed = edge.isDirected ? '' : ' directed="false"';
  return `    <edge id="${xmlText(edge.id)}" source="${xmlText(edge.from)}" target="${xmlText(edge.to)}"${directed}>${dataOf(fields)}</edge>\n`;
}

export const graphmlEnd = '  </graph>\n</graphml>\n';
