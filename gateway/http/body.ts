import type { IncomingMessage } from 'node:http';

/** The body is longer than is taken. Its rest is not read. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** Whether a request says that its body is of a type, with any parameters. */
export function isOfType({ headers }: IncomingMessage, type: string): boolean {
  const [name = ''] = (headers['content-type'] ?? '').split(';');
  return name.trim().toLowerCase() === type;
}

/** What a request says its text is written in; undefined where it does not say. */
export function charsetOf({ headers }: IncomingMessage): string | undefined {
  return /;\s*charset="?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase();
}

/** The whole body of a request. Rejects with `BodyTooLargeError` as soon as it is known to be too long. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw new BodyTooLargeError();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        request.pause();
        reject(new BodyTooLargeError());
      } else chunks.push(chunk);
    });
    request.once('end', () => {
      const [first] = chunks;
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
    request.once('error', reject);
  });
}
