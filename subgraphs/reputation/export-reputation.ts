import { CompactSign, calculateJwkThumbprint, exportJWK } from 'jose';
import { hlcToIso } from '../../schema/hlc.ts';
import { isoFromWarehouse } from '../../schema/warehouse/tables.ts';
import { stackExchange2018 } from '../../schema/reputation/stackexchange-2018.ts';
import { pageLimits } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { pieceOf } from './commands/appeals.ts';
import { standingId } from '../shared/acceptance.ts';
import type { ShownEvidence } from './domain/evidence.ts';
import { type Score, formatScoreId } from './domain/score.ts';
import { evidencePage } from './ledger-reader.ts';
import { pointsFor } from './points-reader.ts';
import { visibleScores } from './score-reader.ts';
import { signingKey } from './signing-key.ts';

const piecesMax = 5_000;
const entriesMax = 1_000;

/** The public key of exports, as JSON text of a JWK with its thumbprint (RFC 7638) as `kid`. */
export async function publicJwk(masterKey: Buffer): Promise<string> {
  const jwk = await exportJWK(signingKey(masterKey).publicKey);
  return JSON.stringify({ ...jwk, alg: 'EdDSA', use: 'sig', kid: await calculateJwkThumbprint(jwk) });
}

/** Everything about the viewer's reputation that they may see, signed; null unless it is their own. */
export async function exportReputation(context: SubgraphContext, creatorId: string): Promise<string | null> {
  if (context.viewer.creatorId !== creatorId) return null;
  const scores = (await visibleScores(context, creatorId)) ?? [];
  const [standing] = await context.store.get('TrustStanding', [standingId(creatorId)]);
  const mine = { where: { creatorId }, order: 'desc', limit: entriesMax } as const;
  const appeals = await context.store.find({ type: 'Appeal', orderBy: 'openedAt', ...mine });
  const decisions = await context.store.find({ type: 'LevelDecision', orderBy: 'decidedAt', ...mine });
  const points = await pointsFor(context, { creatorId, asAt: null }, stackExchange2018);
  const dimensions = [];
  for (const score of scores) dimensions.push(await exportedScore(context, score));
  const content = {
    format: 'vcos-reputation/1',
    creatorId,
    exportedAt: hlcToIso(context.clock.now()),
    dimensions,
    trustLevel: standing?.props.level ?? 0,
    levelDecisions: decisions.items.map(({ props }) => props),
    appeals: appeals.items.map(({ id, props: { reviewerId: _reviewer, piece, ...props } }) => ({
      id,
      rule: pieceOf({ piece }).rule,
      ...props,
    })),
    // The entries' ids are events', and would tell who voted down.
    points: points && {
      formula: stackExchange2018,
      points: points.replay.points,
      entries: points.replay.entries.map(({ id: _id, ...entry }) => entry),
    },
  };
  const { kid } = JSON.parse(await publicJwk(context.masterKey)) as { readonly kid: string };
  return new CompactSign(Buffer.from(JSON.stringify(content)))
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'vcos-reputation+json' })
    .sign(signingKey(context.masterKey).privateKey);
}

async function exportedScore(context: SubgraphContext, score: Score): Promise<Record<string, unknown>> {
  const pieces: ShownEvidence[] = [];
  let after: string | null = null;
  do {
    const page = await evidencePage(context, score, { first: pageLimits.max, after });
    pieces.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null && pieces.length < piecesMax);
  const { asAt: _asAt, asOf, changedAt: _changedAt, ...rest } = score;
  return {
    id: formatScoreId(score),
    ...rest,
    asOf: isoFromWarehouse(asOf),
    ledger: pieces,
    isComplete: after === null,
  };
}
