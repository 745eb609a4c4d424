import { z } from 'zod';
import { attestedReasons } from '../reputation/stackexchange-2018.ts';
import { artifactKinds, creatorTypes, dimensions, spaceKinds, visibilities } from '../graph/catalogue.ts';

/**
 * The import format: JSON Lines. The first line names the community, every further one tells what one of its members did, in the order of time.
 * References (`by`, `creator`, `artifact`, `space`) are the community's own ids. Without `by` the community itself
 * attests what an anonymous member did. importer/README.md documents it for people.
 */

const importFormatVersion = 1;

const reference = z.string().min(1).max(128);
const at = z.iso.datetime();
const tags = z.array(z.string().min(1).max(64)).max(20).default([]);
const by = reference.optional();

export const headerSchema = z.strictObject({
  format: z.literal(importFormatVersion),
  /** Names the community for ever; a DNS name is a good choice. */
  community: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,56}$/, 'must be 1 to 57 of a-z 0-9 . -'),
  source: z.string().max(500).optional(),
});
export type ImportHeader = z.infer<typeof headerSchema>;

const base = { id: reference, at };
const line = <D extends string, S extends z.ZodRawShape>(name: D, shape: S) =>
  z.strictObject({ ...base, do: z.literal(name), ...shape });

export const lineSchema = z.discriminatedUnion('do', [
  line('creator.register', {
    creator: reference,
    username: z.string().max(64),
    displayName: z.string().max(128).default(''),
    bio: z.string().max(2_000).default(''),
    creatorType: z.enum(creatorTypes).default('COLLABORATOR'),
    skills: z.array(z.string().max(64)).max(50).default([]),
    publicMetrics: z.array(z.enum(dimensions)).default([]),
  }),
  line('creator.award-badge', {
    creator: reference,
    badge: z.string().max(64),
    tier: z.enum(['GOLD', 'SILVER', 'BRONZE']),
    about: z.string().max(64).optional(),
  }),
  line('artifact.publish', {
    by,
    artifact: reference,
    title: z.string().max(300),
    summary: z.string().max(2_000).default(''),
    kind: z.enum(artifactKinds),
    tags,
    visibility: z.enum(visibilities).default('PUBLIC'),
    credits: z
      .array(z.strictObject({ creator: reference, sharePercent: z.number() }))
      .max(64)
      .optional(),
    contentHash: z.string().max(128).default(''),
    derivedFrom: z.array(reference).max(16).default([]),
  }),
  line('artifact.revise', {
    by,
    artifact: reference,
    note: z.string().max(2_000).default(''),
    tags: tags.optional(),
    contentHash: z.string().max(128).default(''),
  }),
  line('artifact.judge', { by, artifact: reference, polarity: z.union([z.literal(1), z.literal(-1)]) }),
  line('artifact.accept', { by, artifact: reference }),
  line('artifact.contribute', {
    by,
    artifact: reference,
    contribution: z.enum(['EDIT', 'COMMENT']),
    merged: z.boolean().default(true),
    text: z.string().max(10_000).default(''),
  }),
  line('relationship.follow', { by, creator: reference }),
  line('relationship.endorse', {
    by,
    creator: reference,
    skill: z.string().max(64).optional(),
    dimension: z.enum(dimensions).optional(),
    weight: z.int().min(1).max(5).default(3),
  }),
  line('relationship.mentor', { by, mentor: reference, mentee: reference, topic: z.string().max(128).default('') }),
  line('relationship.collaborate', { by, with: reference, artifact: reference }),
  line('space.create', {
    by,
    space: reference,
    name: z.string().max(128),
    description: z.string().max(2_000).default(''),
    kind: z.enum(spaceKinds),
    capacity: z.int().min(1).max(100_000).default(1_000),
  }),
  line('reputation.attest-points', {
    reason: z.enum(attestedReasons),
    points: z.int().min(-10_000).max(10_000),
    creators: z.array(reference).min(1).max(500),
  }),
  line('space.join', { by, space: reference }),
  line('space.post', {
    by,
    space: reference,
    post: reference,
    body: z.string().max(10_000),
    inReplyTo: reference.optional(),
  }),
]);
export type ImportLine = z.infer<typeof lineSchema>;
export type ImportLineInput = z.input<typeof lineSchema>;
