import { z } from 'zod';
import { artifactKinds, contributionKinds, visibilities } from '../../graph/catalogue.ts';

/** Empty for the work of another platform's anonymous member. */
const credits = z.array(z.strictObject({ creatorId: z.string(), sharePercent: z.number().min(0).max(100) })).max(64);
const byEntity = (event: { readonly entity: { readonly id: string } }): string => event.entity.id;
const byArtifact = (event: { readonly payload: { readonly artifactId: string } }): string => event.payload.artifactId;
/** Whoever is credited for the work that was judged, so that processors need not look anything up. */
const judged = { artifactId: z.string(), artifactKind: z.enum(artifactKinds), isDerived: z.boolean(), credits };

const derivedFrom = z.array(z.strictObject({ artifactId: z.string(), credits })).max(16);

/** How a work came to be, in the terms of IPTC's digital source types, which C2PA uses. */
const digitalSourceTypes = [
  'DIGITAL_CREATION',
  'HUMAN_EDITS',
  'COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA',
  'TRAINED_ALGORITHMIC_MEDIA',
  'ALGORITHMIC_MEDIA',
] as const;

/** Sealed beside them, under the acting creator's key: title, summary, note. */
export const artifactEvents = {
  'artifact.published': {
    version: 1,
    entity: 'Artifact',
    payload: z.strictObject({
      kind: z.enum(artifactKinds),
      visibility: z.enum(visibilities),
      tags: z.array(z.string().max(64)).max(20),
      credits,
      contentHash: z.string().max(128),
      derivedFrom,
    }),
    key: byEntity,
  },
  'artifact.revised': {
    version: 1,
    entity: 'Artifact',
    /** `derivedFrom`: the sources that this revision adds. */
    payload: z.strictObject({
      revision: z.int().min(2),
      contentHash: z.string().max(128),
      tags: z.array(z.string().max(64)).max(20),
      credits,
      derivedFrom,
    }),
    key: byEntity,
  },
  /** One of those credited says how far machines made a revision; the newest statement about it counts. */
  'artifact.ai-assistance-stated': {
    version: 1,
    entity: 'Artifact',
    payload: z.strictObject({ ofRevision: z.int().min(1), digitalSourceType: z.enum(digitalSourceTypes) }),
    key: byEntity,
  },
  /** Somebody, or another platform for an anonymous member, judged a piece of work. The entity is the judgement. */
  'artifact.judged': {
    version: 1,
    entity: 'Judgement',
    payload: z.strictObject({ ...judged, polarity: z.union([z.literal(1), z.literal(-1)]) }),
    key: byArtifact,
  },
  'artifact.judgement-withdrawn': {
    version: 1,
    entity: 'Judgement',
    payload: z.strictObject({ ...judged, polarity: z.union([z.literal(1), z.literal(-1)]) }),
    key: byArtifact,
  },
  /** The owner of the work that this one answers accepted it. */
  'artifact.accepted': {
    version: 1,
    entity: 'Acceptance',
    payload: z.strictObject({ ...judged, answersId: z.string() }),
    key: byArtifact,
  },
  /** Somebody else improved or discussed the work. The text, where there is one, is sealed. */
  'artifact.contributed': {
    version: 1,
    entity: 'Contribution',
    payload: z.strictObject({ ...judged, contribution: z.enum(contributionKinds), merged: z.boolean() }),
    key: byArtifact,
  },
} as const;
