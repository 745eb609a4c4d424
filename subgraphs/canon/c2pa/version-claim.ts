import { Tagged } from 'cborg';
import { sha256Hex } from '../../../schema/events/envelope.ts';
import { hlcToIso } from '../../../schema/hlc.ts';
import { type PublishedVersion, canonFacts, digitalSourceUri, instanceOf, sha256Of } from '../domain/manifest.ts';
import type { CborValue } from './cbor.ts';
import type { Assertion, Claim, Reference } from './manifest-store.ts';

const ingredientLabel = (index: number): string =>
  index === 0 ? 'c2pa.ingredient.v3' : `c2pa.ingredient.v3__${index}`;
/** CBOR's tag of a date and time as text (RFC 8949, 3.4.1). */
const dateTag = 0;

/**
 * What C2PA 2.1 says of a version of a work, to be kept beside its content. Null where C2PA has no true claim for it: without a SHA-256 nothing binds the claim to the content, and
 * work that is made new must say how, which only its creators can.
 */
export function claimOfVersion(version: PublishedVersion): Claim | null {
  const { artifactId, revision, event, stated } = version;
  const hashHex = sha256Of(version.contentHash);
  const parts = ingredientsOf(version);
  const hasParent = parts[0]?.relationship === 'parentOf';
  if (hashHex === null || (!hasParent && !stated)) return null;
  const binding: Assertion = {
    label: 'c2pa.hash.data',
    data: { alg: 'sha256', hash: Buffer.from(hashHex, 'hex'), name: 'content', pad: Buffer.alloc(0) },
  };
  const ingredients = parts.map((data, at): Assertion => ({ label: ingredientLabel(at), data: { ...data } }));
  const creators = version.credits.map(({ creatorId }) => creatorId);
  const dublinCore: Assertion = {
    label: 'cawg.metadata',
    isJson: true,
    data: { '@context': { dc: 'http://purl.org/dc/elements/1.1/' }, 'dc:creator': creators },
  };
  const credits = version.credits.map((credit) => ({ ...credit }));
  return {
    instanceId: instanceOf(artifactId, revision),
    manifestId: uuidOf(`${event.hash}|${stated?.event.hash ?? ''}`),
    generator: { name: 'V-COS Federation' },
    assertions: [
      () => binding,
      ...ingredients.map((each) => () => each),
      (reference) => ({
        label: 'c2pa.actions.v2',
        data: { actions: actionsOf(version, parts.length, { hasParent, reference }) },
      }),
      ...(creators.length > 0 ? [() => dublinCore] : []),
      () => ({ label: 'org.vcos.credits', data: { credits } }),
      () => ({ label: 'org.vcos.canon', data: canonFacts(version) }),
    ],
  };
}

type Ingredient = { readonly relationship: 'parentOf' | 'componentOf'; readonly instanceID: string };

/** A revision comes from the version before it, a first version with one source from that; what else went in are components. */
function ingredientsOf({ artifactId, revision, sources }: PublishedVersion): readonly Ingredient[] {
  const works = sources.map((id) => `urn:vcos:artifact:${id}`);
  const [parent] = revision > 1 ? [instanceOf(artifactId, revision - 1)] : works.length === 1 ? works : [];
  const components = works.filter((instanceID) => instanceID !== parent);
  return [
    ...(parent === undefined ? [] : [{ relationship: 'parentOf' as const, instanceID: parent }]),
    ...components.map((instanceID) => ({ relationship: 'componentOf' as const, instanceID })),
  ];
}

/** The first opens the parent or creates; then each component is placed, and what was opened edited. */
function actionsOf(
  { event, stated }: PublishedVersion,
  ingredients: number,
  { hasParent, reference }: { readonly hasParent: boolean; readonly reference: Reference },
): readonly CborValue[] {
  const when = new Tagged(dateTag, hlcToIso(event.hlc));
  const made = stated ? { digitalSourceType: digitalSourceUri(stated.digitalSourceType) } : {};
  const withIngredient = (action: string, at: number): CborValue => ({
    action,
    when,
    parameters: { ingredients: [reference(ingredientLabel(at))] },
  });
  const first = hasParent ? 1 : 0;
  const placed = Array.from({ length: ingredients - first }, (_, n) => withIngredient('c2pa.placed', first + n));
  return hasParent
    ? [withIngredient('c2pa.opened', 0), ...placed, { action: 'c2pa.edited', when, ...made }]
    : [{ action: 'c2pa.created', when, ...made }, ...placed];
}

/** The same UUID (in the form of version 4) for the same facts. */
function uuidOf(facts: string): string {
  const bytes = Buffer.from(sha256Hex(facts).slice(0, 32), 'hex');
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
