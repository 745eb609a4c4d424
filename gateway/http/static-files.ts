import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sendText } from './respond.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

export interface StaticOptions {
  readonly directory: string;
  /** The request's path below where the directory is served, beginning with a slash. */
  readonly path: string;
  /** What the page is, and the command that builds it, for the page that stands in for a missing build. */
  readonly title: string;
  readonly buildCommand: string;
}

/**
 * Serves a built page. A path that is no file is the page itself, which routes within the browser; one with a file extension is
 * 404. Files whose names carry a hash (Vite's `assets/`) may be kept for ever, all others are asked for again.
 */
export async function serveStatic(
  request: IncomingMessage,
  response: ServerResponse,
  options: StaticOptions,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    sendText(response, 405, 'this path answers GET and HEAD\n');
    return;
  }
  const relative = decodePath(options.path);
  if (relative === undefined) {
    sendText(response, 400, 'the path is malformed\n');
    return;
  }
  const file = await findFile(options.directory, relative);
  if (file) return sendFile(request, response, file);
  if (extname(relative) !== '') {
    sendText(response, 404, 'there is no such file\n');
    return;
  }
  const page = await findFile(options.directory, 'index.html');
  if (page) return sendFile(request, response, page);
  sendText(response, 503, missingBuild(options), 'text/html; charset=utf-8');
}

interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly modified: Date;
}

function decodePath(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** A file below the directory; whatever the path, nothing outside of it. */
async function findFile(directory: string, relative: string): Promise<FoundFile | undefined> {
  const path = normalize(join(directory, relative));
  if (!path.startsWith(normalize(directory) + sep)) return undefined;
  if (relative.split('/').some((part) => part.startsWith('.'))) return undefined;
  try {
    const info = await stat(path);
    return info.isFile() ? { path, bytes: info.size, modified: info.mtime } : undefined;
  } catch {
    return undefined;
  }
}

async function sendFile(request: IncomingMessage, response: ServerResponse, file: FoundFile): Promise<void> {
  const etag = `"${file.bytes.toString(16)}-${file.modified.getTime().toString(16)}"`;
  response.setHeader('etag', etag);
  response.setHeader(
    'cache-control',
    file.path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
  );
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, {
    'content-type': types[extname(file.path)] ?? 'application/octet-stream',
    'content-length': file.bytes,
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

function missingBuild({ title, buildCommand }: StaticOptions): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<h1>${title} is not built yet</h1><p>Run <code>${buildCommand}</code> and load this page again. The API at <a href="/graphql">/graphql</a> works without it.</p></html>\n`;
}
