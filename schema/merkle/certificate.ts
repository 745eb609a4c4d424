import { z } from 'zod';
import { eventTypes } from '../events/catalogue.ts';
import { type CanonEvent, canonicalJson, eventSchema, hashEvent } from '../events/envelope.ts';
import { type ProvedLeaf, verifyInclusionText } from './checkpoint.ts';
import { eventLeaf } from './hash.ts';
import { NoteError, type NoteVerifier } from './signed-note.ts';

const head = 'c2sp.org/tlog-proof@v1\n';
const extra = z.string().regex(/^extra [A-Za-z0-9+/]+={0,2}$/);

/** What a certificate of deletion says. */
export interface Deletion extends ProvedLeaf {
  readonly creatorId: string;
  /** The key that was destroyed; null where nothing was ever sealed. */
  readonly keyId: string | null;
  /** ISO 8601. */
  readonly erasedAt: string;
}

/** The certificate: the proof of the recorded event, with the event itself as its extra line (C2SP tlog-proof). */
export function certificateText(event: CanonEvent, proof: string): string {
  return `${head}extra ${Buffer.from(canonicalJson(event)).toString('base64')}\n${proof.slice(head.length)}`;
}

/** Checks a certificate offline, with the log's public key alone. Throws {@link NoteError} naming what does not fit. */
export function verifyCertificate(text: string, log: NoteVerifier): Deletion {
  const end = text.indexOf('\n', head.length);
  const line = extra.safeParse(text.slice(head.length, Math.max(end, 0)));
  if (!text.startsWith(head) || !line.success) throw new NoteError('this is not a certificate of deletion');
  const told = line.data.slice('extra '.length);
  const bytes = Buffer.from(told, 'base64');
  if (bytes.toString('base64') !== told) throw new NoteError('the event of the certificate is not base64');
  const event = eventOf(bytes.toString('utf8'));
  const proved = verifyInclusionText(head + text.slice(end + 1), eventLeaf(event.hash), log);
  const payload = eventTypes['creator.erased'].payload.safeParse(event.payload);
  if (event.type !== 'creator.erased' || !payload.success) throw new NoteError('the event proved is no deletion');
  return { ...proved, creatorId: event.entity.id, keyId: payload.data.keyId, erasedAt: payload.data.erasedAt };
}

function eventOf(body: string): CanonEvent {
  try {
    const json: unknown = JSON.parse(body);
    const event = eventSchema.parse(json);
    if (canonicalJson(json) === body && hashEvent(event) === event.hash) return event;
  } catch {
    // Told below.
  }
  throw new NoteError('the event of the certificate does not have the hash that it says');
}
