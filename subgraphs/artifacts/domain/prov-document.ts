import type { ArtifactProps } from './artifact.ts';

/** Terms of W3C PROV-O, and those of ours that it has no word for. Given inline: a reader need not fetch anything. */
const context = {
  prov: 'http://www.w3.org/ns/prov#',
  dcterms: 'http://purl.org/dc/terms/',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  vcos: 'urn:vcos:terms:',
  id: '@id',
  type: '@type',
  title: 'dcterms:title',
  generatedAtTime: { '@id': 'prov:generatedAtTime', '@type': 'xsd:dateTime' },
  wasDerivedFrom: { '@id': 'prov:wasDerivedFrom', '@type': '@id', '@container': '@set' },
  wasAttributedTo: { '@id': 'prov:wasAttributedTo', '@type': '@id', '@container': '@set' },
  qualifiedDerivation: { '@id': 'prov:qualifiedDerivation', '@container': '@set' },
  qualifiedAttribution: { '@id': 'prov:qualifiedAttribution', '@container': '@set' },
  entity: { '@id': 'prov:entity', '@type': '@id' },
  agent: { '@id': 'prov:agent', '@type': '@id' },
  since: { '@id': 'vcos:since', '@type': 'xsd:dateTime' },
  sharePercent: { '@id': 'vcos:sharePercent', '@type': 'xsd:decimal' },
  contentHash: 'vcos:contentHash',
  revision: { '@id': 'vcos:revision', '@type': 'xsd:integer' },
  isTruncated: { '@id': 'vcos:isTruncated', '@type': 'xsd:boolean' },
} as const;

/** A work and the direct derivations that lead from it to others of the same document. */
export interface DocumentedWork {
  readonly id: string;
  readonly props: Pick<ArtifactProps, 'title' | 'contentHash' | 'credits' | 'publishedAt' | 'revision'>;
  /** `since` in ISO 8601. */
  readonly sources: readonly { readonly id: string; readonly since: string }[];
}

const iri = (kind: 'artifact' | 'creator', id: string): string => `urn:vcos:${kind}:${encodeURIComponent(id)}`;

function entityOf({ id, props, sources }: DocumentedWork): object {
  return {
    id: iri('artifact', id),
    type: 'prov:Entity',
    title: props.title,
    generatedAtTime: props.publishedAt,
    revision: String(props.revision),
    ...(props.contentHash !== '' && { contentHash: props.contentHash }),
    wasDerivedFrom: sources.map((source) => iri('artifact', source.id)),
    qualifiedDerivation: sources.map((source) => ({
      type: 'prov:Derivation',
      entity: iri('artifact', source.id),
      since: source.since,
    })),
    wasAttributedTo: props.credits.map(({ creatorId }) => iri('creator', creatorId)),
    // As text: JSON-LD would make an xsd:double of a number with a fraction.
    qualifiedAttribution: props.credits.map(({ creatorId, sharePercent }) => ({
      type: 'prov:Attribution',
      agent: iri('creator', creatorId),
      sharePercent: String(sharePercent),
    })),
  };
}

/**
 * The works, who is credited for them and how they derive from one another as JSON-LD in the terms of PROV-O (W3C Recommendation, 2013).
 * Creators are named by their ids only: what else is known of them is theirs to show.
 */
export function provDocument(works: readonly DocumentedWork[], isTruncated: boolean): object {
  const creators = new Set(works.flatMap(({ props }) => props.credits.map(({ creatorId }) => creatorId)));
  return {
    '@context': context,
    id: `urn:vcos:provenance:${encodeURIComponent(works[0]?.id ?? '')}`,
    type: 'prov:Bundle',
    isTruncated: String(isTruncated),
    '@graph': [...works.map(entityOf), ...[...creators].map((id) => ({ id: iri('creator', id), type: 'prov:Agent' }))],
  };
}
