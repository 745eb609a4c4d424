import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Known, Step, Workload } from './workload.ts';

/** A mutation whose answer arrived. */
export interface Acknowledged {
  readonly key: string;
  readonly eventIds: readonly string[];
}

export interface ClientOptions {
  /** Where the platform listens now; null while there is none. */
  readonly url: () => string | null;
  readonly tokens: ReadonlyMap<string, string>;
  /** Called after each acknowledgement with the share of the load that is done. */
  readonly onProgress: (share: number) => Promise<void>;
}

/** The platform gave an answer that no fault explains. */
export class WrongAnswerError extends Error {
  override readonly name = 'WrongAnswerError';
}

/** How long one mutation is tried, and one request may take. */
const patienceMs = 300_000;
const requestMsMax = 30_000;
/** Every how many acknowledgements one is asked for again. */
const repeatEvery = 5;

interface Payload {
  readonly eventIds: readonly string[];
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  readonly made?: { readonly id: string } | null;
}

/** Sends a workload as a client that never gives up and never sends without an idempotency key. Resolves when all of it is acknowledged. */
export async function sendWorkload(
  { phases }: Workload,
  options: ClientOptions,
): Promise<{ acknowledged: readonly Acknowledged[]; known: Known }> {
  const known = new Map<string, string>();
  const acknowledged: Acknowledged[] = [];
  const total = phases.flat(2).length;
  for (const phase of phases) {
    await Promise.all(
      phase.map(async (lane) => {
        for (const step of lane) {
          const payload = await perform(step, known, options);
          if (step.name !== null && payload.made) known.set(step.name, payload.made.id);
          acknowledged.push({ key: step.key, eventIds: payload.eventIds });
          await options.onProgress(acknowledged.length / total);
        }
      }),
    );
  }
  return { acknowledged, known };
}

async function perform(step: Step, known: Known, options: ClientOptions): Promise<Payload> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const version = step.ownVersion ? { expectedVersion: await ownVersion(step, options, deadline) } : {};
    const input = { ...step.input(known), ...version, idempotencyKey: step.key };
    const payload = await untilAnswered(step, input, options, deadline);
    const [objection] = payload.userErrors;
    // Somebody else changed the record since it was read: the platform may, where it moves a level.
    if (objection?.code === 'CONFLICT' && step.ownVersion && Date.now() < deadline) continue;
    if (objection)
      throw new WrongAnswerError(`${step.mutation} (${step.key}) was refused: ${objection.code} ${objection.message}`);
    if (Number(step.key.split('-')[1]) % repeatEvery === 0) {
      const again = await untilAnswered(step, input, options, deadline);
      if (!isDeepStrictEqual(again, payload))
        throw new WrongAnswerError(
          `${step.mutation} (${step.key}) was answered differently when it was repeated: ${JSON.stringify([payload, again])}`,
        );
    }
    return payload;
  }
}

async function ownVersion(step: Step, options: ClientOptions, deadline: number): Promise<number> {
  const data = await persistently(step, '{ me { version } }', {}, { options, deadline });
  const me = data['me'] as { readonly version: number } | null;
  if (me === null) throw new WrongAnswerError(`${step.by} is not known any more before ${step.mutation}`);
  return me.version;
}

async function untilAnswered(step: Step, input: object, options: ClientOptions, deadline: number): Promise<Payload> {
  const { mutation, made } = step;
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const selection = `eventIds userErrors { code message } ${made === null ? '' : `made: ${made} { id }`}`;
  const query = `mutation ($input: ${type}!) { answer: ${mutation}(input: $input) { ${selection} } }`;
  const data = await persistently(step, query, { input }, { options, deadline });
  return data['answer'] as Payload;
}

/** Sends until an answer without errors comes. Only errors that an outage explains are tried again. */
async function persistently(
  step: Step,
  query: string,
  variables: object,
  { options, deadline }: { readonly options: ClientOptions; readonly deadline: number },
): Promise<Readonly<Record<string, unknown>>> {
  for (let last = 'there was nobody to ask'; ;) {
    if (Date.now() > deadline)
      throw new WrongAnswerError(`${step.mutation} (${step.key}) was not answered within ${patienceMs} ms: ${last}`);
    const url = options.url();
    const outcome =
      url === null ? null : await post(url, { query, variables, token: options.tokens.get(step.by) ?? '' });
    if (outcome?.kind === 'data') return outcome.data;
    if (outcome?.kind === 'refused') throw new WrongAnswerError(`${step.mutation} (${step.key}): ${outcome.text}`);
    last = outcome?.text ?? last;
    await sleep(40);
  }
}

type Outcome =
  | { readonly kind: 'data'; readonly data: Readonly<Record<string, unknown>> }
  /** Worth another attempt. */
  | { readonly kind: 'outage'; readonly text: string }
  | { readonly kind: 'refused'; readonly text: string };

const outageCodes = new Set(['SERVICE_UNAVAILABLE', 'OPERATION_TIMEOUT', 'SUBGRAPH_UNAVAILABLE']);

export async function post(
  url: string,
  request: { query: string; variables: object; token: string },
): Promise<Outcome> {
  const { query, variables, token } = request;
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(requestMsMax),
    });
    const text = await response.text();
    const body = JSON.parse(text) as {
      data?: Record<string, unknown> | null;
      errors?: readonly { extensions?: { code?: string } }[];
    };
    if (body.errors === undefined && body.data) return { kind: 'data', data: body.data };
    const codes = (body.errors ?? []).map(({ extensions }) => extensions?.code ?? 'NONE');
    return {
      kind: codes.length > 0 && codes.every((code) => outageCodes.has(code)) ? 'outage' : 'refused',
      text: text.slice(0, 500),
    };
  } catch (error) {
    const { message, cause } = error as Error;
    return { kind: 'outage', text: `${message} ${cause instanceof Error ? cause.message : ''}` };
  }
}
