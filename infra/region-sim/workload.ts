import { createCipheriv } from 'node:crypto';
import type { EventType, PayloadOf } from '../../schema/events/catalogue.ts';
import { type EventSource, type SealedFields, canonicalJson } from '../../schema/events/envelope.ts';
import type { Dice } from '../../streams/canon/domain/dice.ts';
import { boundKeyId } from '../../streams/canon/regions/entry.ts';
import type { RegionNode } from '../../streams/canon/regions/region-node.ts';
import type { Draft } from '../../streams/canon/regions/write.ts';

const creators = ['c0', 'c1', 'c2', 'c3'] as const;
const works = ['w0', 'w1', 'w2'] as const;
const sources: readonly EventSource[] = [
  ...Array<EventSource>(7).fill('CREATOR'),
  ...Array<EventSource>(2).fill('VERIFIED_CREATOR'),
  ...(['IMVU', 'EXTERNAL', 'SYSTEM'] as const),
];

/** Strings that must be found in one region only. */
export interface Canary {
  readonly region: string;
  readonly text: string;
}

/** What somebody does in a region. Everybody acts on the same few things, so that regions that do not see each other contradict each other. */
export function drawDraft(dice: Dice, node: RegionNode): Draft {
  const actor = dice.pick(creators);
  const source = dice.pick(sources);
  const kind = dice.below(10);
  const common = { actor, source, causedBy: drawCauses(dice, node) };
  if (kind < 5) return { ...common, ...onCreator(dice, node, actor) };
  if (kind < 8) return { ...common, ...onWork(dice, node, actor) };
  return { ...common, ...onRelationship(dice, actor) };
}

type Deed = Pick<Draft, 'type' | 'entityId' | 'payload'>;
const deed = <T extends EventType>(type: T, entityId: string, payload: PayloadOf<T>): Deed => ({
  type,
  entityId,
  payload,
});

function onCreator(dice: Dice, node: RegionNode, actor: string): Deed {
  const id = dice.chance(0.7) ? actor : dice.pick(creators);
  if (!node.view.tenureOf(`Creator|${id}`))
    return deed('creator.registered', id, { creatorType: 'ARTIST', skills: ['singing'] });
  if (dice.chance(0.1)) return deed('creator.state-changed', id, { from: 'ACTIVE', to: 'MIGRATED' });
  return deed('creator.skills-changed', id, { added: [`skill ${dice.below(3)}`], removed: [] });
}

function onWork(dice: Dice, node: RegionNode, actor: string): Deed {
  const id = dice.pick(works);
  const share = dice.chance(0.15) ? 90 : 40;
  const credits = [
    { creatorId: actor, sharePercent: share },
    { creatorId: dice.pick(creators), sharePercent: 40 },
  ];
  if (!node.view.tenureOf(`Artifact|${id}`)) {
    const rest = { visibility: 'PUBLIC', tags: [], credits, contentHash: 'none', derivedFrom: [] } as const;
    return deed('artifact.published', id, {
      ...rest,
      kind: 'MEDIA',
      tags: [],
      derivedFrom: [],
      credits,
    });
  }
  return deed('artifact.revised', id, { revision: 2, contentHash: 'none', tags: [], credits, derivedFrom: [] });
}

function onRelationship(dice: Dice, fromId: string): Deed {
  const toId = dice.pick(creators);
  const type = dice.chance(0.6) ? 'relationship.followed' : 'relationship.unfollowed';
  return deed(type, `follows:${fromId}:${toId}`, { fromId, toId });
}

function drawCauses(dice: Dice, node: RegionNode): readonly string[] {
  const causes = new Set<string>();
  for (let n = dice.chance(0.4) ? 1 + dice.below(2) : 0; n > 0; n -= 1) {
    const { entries } = node.view.of(dice.pick(node.view.regions)).log;
    if (entries.length > 0) causes.add(dice.pick(entries).stored.id);
  }
  return [...causes];
}

/** The draft with fields that may not leave the region: in the clear where the payload has room, and sealed. `tell` learns what to look for. */
export function bindTo(region: string, dice: Dice, draft: Draft, tell: (canary: Canary) => void): Draft {
  const secret = `canary-${region}-${dice.below(2 ** 31).toString(36)}`;
  tell({ region, text: secret });
  const sealed = (eventId: string): readonly SealedFields[] => {
    const fields = seal(dice, eventId, { subject: draft.actor, keyId: boundKeyId(region, 'k1') }, secret);
    tell({ region, text: fields.ciphertext });
    return [fields];
  };
  if (draft.type !== 'creator.skills-changed') return { ...draft, sealed };
  return { ...draft, sealed, payload: { added: [secret], removed: [] } };
}

/** As subgraphs/shared/sealing.ts seals, with a key and a nonce that the seed determines. */
function seal(
  dice: Dice,
  eventId: string,
  { subject, keyId }: { readonly subject: string; readonly keyId: string },
  secret: string,
): SealedFields {
  const draw = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, () => dice.below(256)));
  const nonce = draw(12);
  const cipher = createCipheriv('aes-256-gcm', draw(32), nonce).setAAD(Buffer.from(`${eventId}|${subject}|${keyId}`));
  const plain = Buffer.from(canonicalJson({ displayName: secret }));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { subject, keyId, nonce: nonce.toString('base64'), ciphertext: ciphertext.toString('base64') };
}
