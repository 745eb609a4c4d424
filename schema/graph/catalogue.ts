import type { SubmitterRole } from '../events/types/claim.ts';

/**
 * Every node and edge of the operational graph: its properties, which of them are unique and which are indexed.
 * Instants are ISO 8601 texts in UTC with milliseconds, so that they sort as texts.
 */

export const creatorTypes = ['ARTIST', 'DEVELOPER', 'PRODUCER', 'COLLABORATOR', 'CURATOR'] as const;
export const creatorStates = ['INITIATE', 'ACTIVE', 'ARCHIVED', 'MIGRATED'] as const;
export const artifactKinds = ['MEDIA', 'CODE', 'DATA', 'COMPOSITE', 'META'] as const;
export const visibilities = ['PUBLIC', 'RESTRICTED', 'PRIVATE'] as const;
export const contributionKinds = ['EDIT', 'COMMENT'] as const;
export const spaceKinds = ['DESKTOP', 'COLLABORATION', 'PRODUCTION', 'SOCIAL', 'ARCHIVE'] as const;
export const spaceRoles = ['OWNER', 'MODERATOR', 'MEMBER', 'OBSERVER'] as const;
export const invitationStates = ['PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED'] as const;
export const appealStates = ['OPEN', 'TAKEN', 'UPHELD', 'REJECTED'] as const;
export const levelOutcomes = ['GAINED', 'LOST', 'LOSS_PROPOSED', 'LOSS_CONFIRMED', 'LOSS_DECLINED'] as const;
export const dimensions = ['QUALITY', 'COLLABORATION', 'COMMUNITY', 'MENTORSHIP', 'INNOVATION'] as const;

export type CreatorType = (typeof creatorTypes)[number];
export type CreatorState = (typeof creatorStates)[number];
export type ArtifactKind = (typeof artifactKinds)[number];
export type Visibility = (typeof visibilities)[number];
export type ContributionKind = (typeof contributionKinds)[number];
export type SpaceKind = (typeof spaceKinds)[number];
export type SpaceRole = (typeof spaceRoles)[number];
export type InvitationState = (typeof invitationStates)[number];
export type AppealState = (typeof appealStates)[number];
export type LevelOutcome = (typeof levelOutcomes)[number];
export type Dimension = (typeof dimensions)[number];

export interface NodeProps {
  Creator: {
    readonly username: string;
    /** Lower case; what uniqueness and search go by. */
    readonly usernameKey: string;
    /** `<issuer>|<subject>` of the login that owns this creator. */
    readonly identity: string;
    readonly displayName: string;
    readonly bio: string;
    readonly creatorType: CreatorType;
    readonly skills: readonly string[];
    /** DORMANT is not stored: it is ACTIVE or INITIATE with a `lastActiveAt` 30 days back. */
    readonly state: CreatorState;
    readonly registeredAt: string;
    readonly lastActiveAt: string;
    /** Names of reputation dimensions and counts that everybody may see. */
    readonly publicMetrics: readonly string[];
    /** Set by an erasure, so that those who were erased can be left out of counts; what older builds erased lacks it. */
    readonly isErased?: 1;
  };
  Artifact: {
    readonly title: string;
    readonly kind: ArtifactKind;
    readonly summary: string;
    readonly tags: readonly string[];
    readonly visibility: Visibility;
    readonly credits: readonly { readonly creatorId: string; readonly sharePercent: number }[];
    readonly contentHash: string;
    readonly revision: number;
    readonly publishedAt: string;
    readonly revisedAt: string;
    /** When the owner of what it is derived from accepted it; '' until then. */
    readonly acceptedAt: string;
    /** Judgements that stand, those of other platforms' anonymous members among them. */
    readonly positiveJudgements: number;
    readonly negativeJudgements: number;
  };
  ArtifactRevision: {
    readonly artifactId: string;
    readonly revision: number;
    readonly contentHash: string;
    readonly note: string;
    readonly revisedBy: string;
    readonly revisedAt: string;
  };
  /** What somebody who is not credited added to the work, or said about it. */
  Contribution: {
    readonly artifactId: string;
    /** A creator's id, or `platform:<name>`. */
    readonly contributorId: string;
    readonly contribution: ContributionKind;
    readonly merged: boolean;
    readonly text: string;
    readonly contributedAt: string;
  };
  Space: {
    readonly name: string;
    readonly kind: SpaceKind;
    readonly description: string;
    readonly capacity: number;
    readonly createdBy: string;
    readonly createdAt: string;
  };
  Post: {
    readonly spaceId: string;
    readonly authorId: string;
    readonly body: string;
    readonly inReplyTo: string;
    readonly postedAt: string;
  };
  Invitation: {
    readonly spaceId: string;
    readonly inviterId: string;
    readonly inviteeId: string;
    readonly role: SpaceRole;
    readonly state: InvitationState;
    readonly sentAt: string;
  };
  /** What a creator wants of their reputation. Its id is `reputation|<creator's id>`. */
  ReputationSettings: {
    readonly creatorId: string;
    /** Dimensions in whose leaderboards they want to be. */
    readonly leaderboards: readonly string[];
    /** When their evidence did not decay: `<from>/<until>`, ISO 8601, one after the other. */
    readonly freezes: readonly string[];
    readonly changedAt: string;
  };
  /** An appeal against a piece of negative evidence. Its id is `appeal|<the evidence's id>`: there is one for each piece. */
  Appeal: {
    readonly creatorId: string;
    readonly dimension: Dimension;
    /** The creator's own words. */
    readonly text: string;
    readonly state: AppealState;
    readonly openedAt: string;
    /** When it should be decided. */
    readonly dueAt: string;
    /** Who has it in hand, and until when it is theirs alone; '' where nobody has. */
    readonly reviewerId: string;
    readonly heldUntil: string;
    /** '' until it is decided. */
    readonly decidedAt: string;
    readonly reason: string;
    /** The piece as it was counted when the appeal was opened, as JSON text of `OverturnedEvidence['piece']`. Not shown to anybody. */
    readonly piece: string;
  };
  /** Two creators rate how it was to work together. Its id is `round|<smaller id>|<larger id>`: there is one at a time. */
  CollaborationRound: {
    /** Who rated first, and whom. */
    readonly raterId: string;
    readonly partnerId: string;
    /** What was said first, 1 to 5; shown to nobody while it waits, and 0 once it is published. */
    readonly rating: number;
    readonly openedAt: string;
    /** By when the partner may rate too; then it is published alone. */
    readonly dueAt: string;
    /** '' while it waits. */
    readonly publishedAt: string;
    readonly isOpen: 0 | 1;
  };
  /** Where an account stands between trust levels. Its id is `standing|<creator's id>`; instants are ISO 8601, '' where a clock does not run. */
  TrustStanding: {
    readonly creatorId: string;
    readonly level: number;
    readonly aboveSince: string;
    readonly belowSince: string;
    readonly changedAt: string;
    readonly proposedAt: string;
    /** When it changes if nothing else does; far away where it does not. */
    readonly nextAt: string;
    /** The scores that it was decided from, as JSON text of `LevelFacts['scores']`, and up to where in the log of evidence. */
    readonly scores: string;
    readonly logOffset: number;
  };
  /** One entry of the log of decisions about an account's level. */
  LevelDecision: {
    readonly creatorId: string;
    readonly outcome: LevelOutcome;
    readonly from: number;
    readonly to: number;
    readonly decidedAt: string;
    readonly reasons: readonly string[];
    /** Up to where in the log of evidence it looked. */
    readonly logOffset: number;
    readonly levelsVersion: string;
  };
  /** What a creator of standing certifies of another. */
  Certificate: {
    readonly issuerId: string;
    readonly holderId: string;
    readonly skill: string;
    readonly statement: string;
    readonly issuedAt: string;
    readonly revokedAt: string;
    readonly isRevoked: 0 | 1;
    /** Its place in the list of revocations. */
    readonly statusIndex: number;
  };
  /** A badge that a creator has, or had. */
  Badge: {
    readonly creatorId: string;
    readonly badge: string;
    readonly version: string;
    /** Empty for badges that are about no skill. */
    readonly skill: string;
    readonly evidence: readonly string[];
    readonly awardedAt: string;
    readonly revokedAt: string;
    readonly isRevoked: 0 | 1;
    /** Its place in the list of revocations, from the end: certificates have the beginning. */
    readonly statusIndex: number;
  };
  /** The key that seals one subject's personal fields, wrapped by the platform's master key. Removing it erases them. */
  SubjectKey: {
    readonly subject: string;
    readonly keyId: string;
    readonly wrapped: string;
    readonly createdAt: string;
  };
  /** The newest link of an entity's hash chain. Its id is `chain|<entity type>|<entity id>`. */
  ChainHead: {
    readonly entityVersion: number;
    readonly hash: string;
    readonly eventId: string;
    /** The link's reading of the clock, as the `HLC` scalar's text: what comes after it is later, on whichever process. Links of 0.1.0 have none. */
    readonly hlc?: string;
  };
  /** The first answer to a mutation with an idempotency key. Its id is `once|<keyed hash of login and key>`. */
  IdempotentAnswer: {
    readonly operation: string;
    readonly inputHash: string;
    readonly answer: string;
    readonly answeredAt: string;
  };
  /** How far an import has come. Its id is `import|<community>`. */
  ImportProgress: {
    readonly sourceHash: string;
    readonly lines: number;
    readonly refused: number;
    readonly done: boolean;
    /** The last reading of the import's clock. */
    readonly wallUs: number;
    readonly counter: number;
  };
  /** The newest head of a log partition's Merkle tree over canon, with its signed checkpoint. Its id is `tree|<partition>`. */
  CanonTree: {
    readonly partition: number;
    readonly size: number;
    /** Lower-case hex. */
    readonly root: string;
    /** A signed note (schema/merkle/checkpoint.ts), and the key that verifies it. */
    readonly checkpoint: string;
    readonly verifierKey: string;
  };
  /** 256 hashes of one level of such a tree, base64. Its id is `tile|<partition>|<level>|<index>`. */
  CanonTile: { readonly hashes: string };
  /** Another platform or an agent that may submit claims to canon. Its id is `submitter|<name>`. */
  CanonSubmitter: {
    readonly submitter: string;
    readonly source: 'EXTERNAL' | 'IMVU';
    /** Null where it was registered before there were roles: a plain one. */
    readonly role: SubmitterRole | null;
    /** Ed25519, base64. */
    readonly publicKey: string;
  };
  /** Somebody may read an event that is not canonical. Its id is `access|<event id>|<reader's id>`. */
  CanonAccess: { readonly eventId: string; readonly readerId: string; readonly grantedAt: string };
  /** A claim that was taken up, by which a repetition is known. Its id is `claimed|<event id>`. */
  CanonClaimed: {
    readonly submitter: string;
    readonly digest: string;
    /** When it happened, as it says, in microseconds. Those of 0.1.0 have none. */
    readonly wallUs?: number;
    /** The submitter's key of then, by which a repetition may be signed for ever. Those of older builds have none. */
    readonly publicKey?: string;
  };
  /** An entity's state as its canonical events up to `reaches` give it (subgraphs/canon/entity-at.ts); it holds as long as `digest` does. */
  CanonSnapshot: {
    readonly entityId: string;
    readonly hlc: string;
    readonly reaches: number;
    readonly digest: string;
    /** JSON of public fields. */
    readonly replayed: string;
  };
  /** The newest tick of a clock domain. Its id is `clock|<domain>`. */
  ClockReading: { readonly lastTickUs: number };
}
export type NodeType = keyof NodeProps;

export interface EdgeProps {
  FOLLOWS: { readonly since: string };
  /** Creator → Creator; the key is `SKILL:<skill>` or `DIMENSION:<dimension>`; weight 1 to 5. */
  ENDORSES: { readonly since: string; readonly weight: number; readonly note: string };
  /** Mentor → mentee; the key is ''. */
  MENTORS: { readonly since: string; readonly topic: string };
  BLOCKS: { readonly since: string };
  /** Stored once, from the smaller id to the larger; read in both directions. Weight counts shared pieces of work. */
  COLLABORATES_WITH: { readonly since: string; readonly weight: number };
  CREATED: { readonly since: string; readonly sharePercent: number };
  DERIVED_FROM: { readonly since: string };
  /** Creator → Artifact: a judgement of work; polarity 1 or -1. */
  JUDGES: { readonly since: string; readonly polarity: number };
  MEMBER_OF: { readonly since: string; readonly role: SpaceRole };
  PART_OF: { readonly since: string };
}
export type EdgeType = keyof EdgeProps;

interface NodeSpec<P> {
  readonly unique: readonly (keyof P & string)[];
  /** What `find` may filter and order by. Several may be combined. */
  readonly indexed: readonly (keyof P & string)[];
}

export const nodeCatalogue: { readonly [T in NodeType]: NodeSpec<NodeProps[T]> } = {
  Creator: {
    unique: ['usernameKey', 'identity'],
    indexed: ['usernameKey', 'registeredAt', 'creatorType', 'skills', 'publicMetrics', 'isErased'],
  },
  Artifact: { unique: [], indexed: ['publishedAt', 'kind', 'tags', 'visibility'] },
  ArtifactRevision: { unique: [], indexed: ['artifactId', 'revision'] },
  Contribution: { unique: [], indexed: ['artifactId', 'contributedAt'] },
  Space: { unique: [], indexed: ['createdAt', 'kind'] },
  Post: { unique: [], indexed: ['spaceId', 'postedAt'] },
  Invitation: { unique: [], indexed: ['spaceId', 'inviteeId', 'state', 'sentAt'] },
  Appeal: { unique: [], indexed: ['creatorId', 'state', 'openedAt', 'dueAt'] },
  CollaborationRound: { unique: [], indexed: ['partnerId', 'isOpen', 'dueAt', 'openedAt'] },
  Certificate: { unique: [], indexed: ['holderId', 'issuedAt', 'isRevoked'] },
  Badge: { unique: [], indexed: ['creatorId', 'awardedAt', 'isRevoked'] },
  TrustStanding: { unique: [], indexed: ['nextAt', 'proposedAt'] },
  LevelDecision: { unique: [], indexed: ['creatorId', 'decidedAt'] },
  ReputationSettings: { unique: [], indexed: ['leaderboards', 'changedAt'] },
  SubjectKey: { unique: ['subject'], indexed: [] },
  ChainHead: { unique: [], indexed: [] },
  IdempotentAnswer: { unique: [], indexed: ['answeredAt'] },
  ImportProgress: { unique: [], indexed: [] },
  CanonTree: { unique: [], indexed: ['partition'] },
  CanonTile: { unique: [], indexed: [] },
  CanonSubmitter: { unique: [], indexed: [] },
  CanonSnapshot: { unique: [], indexed: ['entityId', 'hlc'] },
  CanonClaimed: { unique: [], indexed: [] },
  CanonAccess: { unique: [], indexed: ['readerId', 'grantedAt'] },
  ClockReading: { unique: [], indexed: [] },
};

export const edgeCatalogue: {
  readonly [E in EdgeType]: {
    readonly from: NodeType;
    readonly to: NodeType;
    readonly indexed: readonly (keyof EdgeProps[E] & string)[];
  };
} = {
  FOLLOWS: { from: 'Creator', to: 'Creator', indexed: ['since'] },
  ENDORSES: { from: 'Creator', to: 'Creator', indexed: ['since', 'weight'] },
  MENTORS: { from: 'Creator', to: 'Creator', indexed: ['since'] },
  BLOCKS: { from: 'Creator', to: 'Creator', indexed: ['since'] },
  COLLABORATES_WITH: { from: 'Creator', to: 'Creator', indexed: ['since', 'weight'] },
  CREATED: { from: 'Creator', to: 'Artifact', indexed: ['since'] },
  DERIVED_FROM: { from: 'Artifact', to: 'Artifact', indexed: ['since'] },
  JUDGES: { from: 'Creator', to: 'Artifact', indexed: ['since'] },
  MEMBER_OF: { from: 'Creator', to: 'Space', indexed: ['since', 'role'] },
  PART_OF: { from: 'Space', to: 'Space', indexed: ['since'] },
};
