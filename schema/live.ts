import { type KnownEvent, decodeEventRecord } from './events/catalogue.ts';
import { type TopicName } from './topics.ts';

/**
 * Where the events of a subscription come from. The gateway follows the topic once for all subscribers; for each event that
 * `represent` turns into a representation it asks the owning subgraph for that entity (with the subscriber's rights), and
 * the other subgraphs for the rest of the selection. An entity that comes back null is not for that subscriber.
 */
export interface LiveSource {
  /** The subgraph that owns the entity. */
  readonly subgraph: string;
  readonly topic: TopicName;
  /** GraphQL type of what the subscription field gives. */
  readonly entity: string;
  /** The representation of the entity (with `__typename`) for a record that these arguments ask for; null passes it over. */
  represent(value: string | null, args: Readonly<Record<string, unknown>>): Record<string, unknown> | null;
  /** Asked when the subscription starts: `field` of the entity named by an argument must be true. */
  readonly guard?: { readonly entity: string; readonly idArgument: string; readonly field: string };
}

function spaceOf(event: KnownEvent): string | null {
  return 'spaceId' in event.payload ? event.payload.spaceId : null;
}

/** By subscription root field. */
export const liveSources: Readonly<Record<string, LiveSource>> = {
  /** `body` carries the event itself: it has just been read from the log, so the subgraph need not look it up. */
  collaborationEvents: {
    subgraph: 'collaboration',
    topic: 'events',
    entity: 'CollaborationEvent',
    represent(value, args) {
      const spaceId = args['spaceId'];
      // Most records are of other spaces, and everybody who watches one looks at each: a look at the text spares the decoding.
      if (typeof spaceId !== 'string' || value?.includes(spaceId) !== true) return null;
      const decoded = decodeEventRecord(value);
      if (decoded.kind !== 'event' || spaceOf(decoded.event) !== spaceId) return null;
      return { __typename: 'CollaborationEvent', id: decoded.event.id, body: value };
    },
    guard: { entity: 'Space', idArgument: 'spaceId', field: 'viewerCanWatch' },
  },
  /** Every accepted event, or one entity's, as canon takes it up. The record is a row of `platform.canon_events`. */
  canonChanged: {
    subgraph: 'canon',
    topic: 'canonRecords',
    entity: 'CanonEvent',
    represent(value, args) {
      if (value === null) return null;
      const row = JSON.parse(value) as { event_id: string; entity_id: string };
      if (args['entityId'] != null && args['entityId'] !== row.entity_id) return null;
      return { __typename: 'CanonEvent', id: row.event_id, record: value };
    },
  },
  /** New scores of one creator. The record is a row of `platform.reputation_scores`. */
  reputationChanged: {
    subgraph: 'reputation',
    topic: 'reputationScores',
    entity: 'ReputationScore',
    represent(value, args) {
      if (value === null) return null;
      const row = JSON.parse(value) as { creator_id: string; dimension: string };
      if (row.creator_id !== args['creatorId']) return null;
      return { __typename: 'ReputationScore', id: `${row.creator_id}.${row.dimension}`, record: value };
    },
  },
};
