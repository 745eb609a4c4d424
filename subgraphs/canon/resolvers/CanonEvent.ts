import { GraphQLError } from 'graphql';
import { type CanonEvent as StoredEvent, isOfCreator } from '../../../schema/events/envelope.ts';
import { formatHlc, hlcToIso } from '../../../schema/hlc.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { openSealed } from '../../shared/sealing.ts';
import { fullReaderOf, isReadable, readableEvents, readerOf, statusMovesOf } from '../canon-reader.ts';
import { linkVerifies } from '../domain/chain.ts';
import type { CanonEventResolvers } from '../generated/resolvers.ts';
import { type Recorded, recordedOfJson } from '../recorded.ts';

/** By id, or as the gateway has just read it from the log (`record`, see schema/live.ts). */
async function resolve(
  reference: { readonly id: string; readonly record?: unknown },
  context: SubgraphContext,
): Promise<Recorded | null> {
  if (context.viewer.claims === null) return null;
  if (typeof reference.record !== 'string') return (await readableEvents(context, [reference.id]))[0] ?? null;
  const recorded = recordedOfJson(reference.record);
  if (recorded?.event.id !== reference.id) return null;
  const reader = recorded.status === 'CANONICAL' ? readerOf(context) : await fullReaderOf(context);
  return isReadable(reader, recorded) ? recorded : null;
}

/** The viewer's own personal fields, decrypted; null where there are none, or their key is destroyed. */
async function personalOf(event: StoredEvent, context: SubgraphContext): Promise<Record<string, unknown> | null> {
  const own = event.sealed.filter((sealed) => sealed.subject === context.viewer.creatorId);
  try {
    const opened = await Promise.all(
      own.map((sealed) => openSealed(context.store, context.masterKey, event.id, sealed)),
    );
    const readable = opened.filter((fields) => fields !== null);
    return readable.length === 0 ? null : (Object.assign({}, ...readable) as Record<string, unknown>);
  } catch (error) {
    context.logger.error({ err: error, eventId: event.id }, 'sealed fields do not open');
    throw new GraphQLError(`the sealed fields of event ${event.id} were tampered with`, {
      extensions: { code: 'TAMPERED' },
    });
  }
}

export const CanonEvent: CanonEventResolvers = {
  __resolveReference: (reference, context) => resolve(reference, context),
  id: ({ event }) => event.id,
  type: ({ event }) => event.type,
  typeVersion: ({ event }) => event.typeVersion,
  hlc: ({ event }) => formatHlc(event.hlc),
  occurredAt: ({ event }) => hlcToIso(event.hlc),
  region: ({ event }) => event.region,
  entityType: ({ event }) => event.entity.type,
  entityId: ({ event }) => event.entity.id,
  entityVersion: ({ event }) => event.entityVersion,
  actor: ({ event }) => event.actor,
  actorCreator: ({ event }) => (isOfCreator(event.source) ? { id: event.actor } : null),
  aboutCreator({ event }) {
    const { creatorId } = event.payload;
    return typeof creatorId === 'string' ? { id: creatorId } : null;
  },
  source: ({ event }) => event.source,
  statusHistory: ({ event }, _args, context) => statusMovesOf(context, event.id),
  causedBy: ({ event }) => event.causedBy,
  causes: async ({ event }, _args, context) =>
    (await readableEvents(context, event.causedBy)).filter((cause) => cause !== null),
  handshake: ({ event }) => event.handshake,
  payload: ({ event }) => event.payload,
  sealed: ({ event }) => event.sealed,
  personal: ({ event }, _args, context) => personalOf(event, context),
  prevHash: ({ event }) => event.prevHash,
  hash: ({ event }) => event.hash,
  hashVerifies: ({ event, hash }) => linkVerifies({ eventId: event.id, hash, event }),
};
