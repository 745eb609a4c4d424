import type { ServerResponse } from 'node:http';
import { sendJson } from './respond.ts';

/** Resolves when what it checks works; rejects with what does not. */
export type ReadinessCheck = () => Promise<void>;

const checkTimeoutMs = 2_000;

/** Answers whether the process can serve, check by check: 200 when all pass, 503 otherwise. */
export async function answerReady(
  response: ServerResponse,
  checks: Readonly<Record<string, ReadinessCheck>>,
  stopping: boolean,
): Promise<void> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const),
  );
  const ready = !stopping && results.every(([, result]) => result === 'ok');
  sendJson(response, ready ? 200 : 503, {
    status: stopping ? 'stopping' : ready ? 'ready' : 'not ready',
    checks: Object.fromEntries(results),
  });
}

async function runCheck(check: ReadinessCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${checkTimeoutMs} ms`), checkTimeoutMs);
  });
  const result = check().then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? error.message : 'failed'),
  );
  return Promise.race([result, late]).finally(() => clearTimeout(timer));
}
