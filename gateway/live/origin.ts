import type { IncomingMessage } from 'node:http';

/**
 * Whether a page of another site asks for a socket. No answer over HTTP is for such a page (none names it in `Access-Control-Allow-Origin`), but browsers let every page open a
 * WebSocket anywhere, and only say whose it is. What sends no `Origin` is no browser. `allowed`: origins of other sites whose pages may.
 */
export function isForeignOrigin({ headers }: Pick<IncomingMessage, 'headers'>, allowed: readonly string[]): boolean {
  const { origin } = headers;
  if (origin === undefined || allowed.includes(origin)) return false;
  // Pages can set neither this header nor those of proxies, which often put their own name for this server into `Host`.
  if (headers['sec-fetch-site'] === 'same-origin') return false;
  const page = URL.parse(origin);
  if (page === null) return true;
  return ![headers.host, headers['x-forwarded-host']].flat().some((host) => isHostOf(host, page));
}

/** With or without the port that the scheme has anyway. */
function isHostOf(host: string | undefined, page: URL): boolean {
  const [first = ''] = (host ?? '').split(',');
  return first.trim() !== '' && URL.parse(`${page.protocol}//${first.trim()}`)?.host === page.host;
}
