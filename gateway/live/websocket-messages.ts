import { z } from 'zod';
import { parseExactly } from '../../schema/events/exact-json.ts';

/** What a client may send under the protocol graphql-transport-ws. */
const clientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('connection_init'), payload: z.record(z.string(), z.unknown()).nullish() }),
  z.object({ type: z.literal('ping'), payload: z.record(z.string(), z.unknown()).nullish() }),
  z.object({ type: z.literal('pong'), payload: z.record(z.string(), z.unknown()).nullish() }),
  z.object({ type: z.literal('complete'), id: z.string().min(1).max(256) }),
  z.object({
    type: z.literal('subscribe'),
    id: z.string().min(1).max(256),
    payload: z.object({
      query: z.string().nullish(),
      documentId: z.string().nullish(),
      operationName: z.string().nullish(),
      variables: z.record(z.string(), z.unknown()).nullish(),
      extensions: z.record(z.string(), z.unknown()).nullish(),
    }),
  }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

/** Reads a message; a text says what is wrong with it. */
export function readClientMessage(text: string): ClientMessage | string {
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch {
    return 'the message is not JSON';
  }
  const parsed = clientMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `the message does not fit the protocol at ${issue?.path.join('.') || 'type'}`;
}

/** Why a socket is closed, as the protocol numbers it. */
export const closeCodes = {
  goingAway: 1001,
  tryAgainLater: 1013,
  badMessage: 4400,
  unauthorised: 4401,
  forbidden: 4403,
  badSubprotocol: 4406,
  initTimeout: 4408,
  subscriberExists: 4409,
  tooManyInits: 4429,
} as const;
