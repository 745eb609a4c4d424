import type { CanonEvent } from '../../../schema/events/envelope.ts';
import type { PayloadOf } from '../../../schema/events/catalogue.ts';
import { formatHlc, hlcToIso } from '../../../schema/hlc.ts';

type Published = PayloadOf<'artifact.published'>;
type Revised = PayloadOf<'artifact.revised'>;
type Stated = PayloadOf<'artifact.ai-assistance-stated'>;

/** A version of a work as canon's events tell it. */
export interface PublishedVersion {
  readonly artifactId: string;
  readonly revision: number;
  readonly visibility: Published['visibility'];
  readonly event: CanonEvent;
  readonly contentHash: string;
  readonly credits: Published['credits'];
  /** Works that it derives from, those of earlier versions among them. */
  readonly sources: readonly string[];
  /** The newest statement about this version. */
  readonly stated: { readonly event: CanonEvent; readonly digitalSourceType: Stated['digitalSourceType'] } | null;
}

/** The versions of a work, the first one first, from its canonical events in the chain's order. */
export function versionsOf(events: readonly CanonEvent[]): readonly PublishedVersion[] {
  const versions: PublishedVersion[] = [];
  for (const event of events) {
    const { type, entity, payload } = event;
    const before = versions.at(-1);
    if (type === 'artifact.published' || (type === 'artifact.revised' && before)) {
      const { contentHash, credits, derivedFrom } = payload as Published | Revised;
      versions.push({
        ...{ artifactId: entity.id, event, contentHash, credits, stated: null },
        revision: before ? (payload as Revised).revision : 1,
        visibility: before?.visibility ?? (payload as Published).visibility,
        sources: [...new Set([...(before?.sources ?? []), ...derivedFrom.map(({ artifactId }) => artifactId)])],
      });
    } else if (type === 'artifact.ai-assistance-stated') {
      const { ofRevision, digitalSourceType } = payload as Stated;
      const at = versions.findIndex(({ revision }) => revision === ofRevision);
      const version = versions[at];
      if (version) versions[at] = { ...version, stated: { event, digitalSourceType } };
    }
  }
  return versions;
}

/** PUBLIC work is for everybody; other work for those credited for it. */
export function mayHaveManifest({ visibility, credits }: PublishedVersion, creatorId: string | null): boolean {
  return visibility === 'PUBLIC' || credits.some((credit) => credit.creatorId === creatorId);
}

const sourceTypes = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
/** IPTC's own names. */
const ofIptc: Readonly<Record<Stated['digitalSourceType'], string>> = {
  DIGITAL_CREATION: 'digitalCreation',
  HUMAN_EDITS: 'humanEdits',
  COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA: 'compositeWithTrainedAlgorithmicMedia',
  TRAINED_ALGORITHMIC_MEDIA: 'trainedAlgorithmicMedia',
  ALGORITHMIC_MEDIA: 'algorithmicMedia',
};
const sha256 = /^(?:sha-?256[:-])?([0-9a-f]{64})$/i;

/** Names one version of a work. */
export const instanceOf = (artifactId: string, revision: number): string =>
  `urn:vcos:artifact:${artifactId}:${revision}`;

/** The hex digits of a content hash that is SHA-256; null for any other. */
export const sha256Of = (contentHash: string): string | null => sha256.exec(contentHash)?.[1]?.toLowerCase() ?? null;

/** The URI of IPTC for how a work was made. */
export const digitalSourceUri = (type: Stated['digitalSourceType']): string => `${sourceTypes}${ofIptc[type]}`;

/** Where canon has what a manifest says: the events and their hashes, which proofs are about. */
export function canonFacts({ event, stated }: PublishedVersion): Readonly<Record<string, string>> {
  return {
    ...{ eventId: event.id, eventHash: event.hash, hlc: formatHlc(event.hlc), region: event.region },
    ...(stated && {
      statedBy: stated.event.actor,
      statementEventId: stated.event.id,
      statementHash: stated.event.hash,
    }),
  };
}

/**
 * The manifest of a version: assertions under C2PA's labels (C2PA 2.1: hash, actions, ingredients), what it has no label for under `org.vcos`. A content hash that is not SHA-256 is repeated as the
 * creator gave it. Nothing personal is in it: titles and names are sealed in canon.
 */
export function manifestOf(version: PublishedVersion): Readonly<Record<string, unknown>> {
  const { artifactId, revision, event, credits, contentHash, sources, stated } = version;
  const hash = sha256Of(contentHash);
  const isFirst = revision === 1;
  const action = {
    action: isFirst && sources.length === 0 ? 'c2pa.created' : isFirst ? 'c2pa.opened' : 'c2pa.edited',
    when: hlcToIso(event.hlc),
    ...(stated && { digitalSourceType: digitalSourceUri(stated.digitalSourceType) }),
  };
  const assertion = (label: string, data: object): object => ({ label, data });
  const author = credits.map(({ creatorId }) => ({ '@type': 'Person', identifier: creatorId }));
  return {
    claim_generator_info: { name: 'V-COS Federation' },
    instanceID: instanceOf(artifactId, revision),
    assertions: [
      ...(hash === null ? [] : [assertion('c2pa.hash.data', { alg: 'sha256', hash })]),
      ...(hash === null && contentHash !== '' ? [assertion('org.vcos.content-hash', { value: contentHash })] : []),
      assertion('c2pa.actions.v2', { actions: [action] }),
      ...sources.map((id) =>
        assertion('c2pa.ingredient.v3', {
          instanceID: `urn:vcos:artifact:${id}`,
          relationship: sources.length === 1 ? 'parentOf' : 'componentOf',
        }),
      ),
      assertion('stds.schema-org.CreativeWork', { '@context': 'https://schema.org', '@type': 'CreativeWork', author }),
      assertion('org.vcos.credits', { credits }),
      assertion('org.vcos.canon', canonFacts(version)),
    ],
  };
}
