import type { GraphNode } from '../../engines/graph-store/port.ts';
import type { OverturnedEvidence } from '../../schema/reputation/evidence.ts';
import { isoFromWarehouse } from '../../schema/warehouse/tables.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { visiblePage } from '../shared/visible-page.ts';
import { parseScoreId } from './domain/score.ts';
import { cursorKey } from './ledger-reader.ts';

type AppealNode = GraphNode<'Appeal'>;

/** Whether the viewer may review cases. */
export function isReviewer({ viewer }: SubgraphContext): boolean {
  return viewer.claims?.scopes.includes('guardian') === true;
}

/** Cases that wait for a decision, due first, without the viewer's own. Throws BAD_USER_INPUT naming the argument. */
export async function appealQueue(context: SubgraphContext, page: PageArguments): Promise<Connection<AppealNode>> {
  const request = pageRequest('appeal queue', page);
  const shown = await visiblePage(
    request,
    (asked) => context.store.find({ type: 'Appeal', orderBy: 'dueAt', order: 'asc', ...asked }),
    (appeals) =>
      Promise.resolve(
        appeals.map((appeal) => {
          const { state, creatorId } = appeal.props;
          const waits = state === 'OPEN' || state === 'TAKEN';
          return isReviewer(context) && waits && creatorId !== context.viewer.creatorId ? appeal : null;
        }),
      ),
  );
  return toConnection('appeal queue', request, shown, (appeal) => appeal);
}

interface PieceRow extends Omit<OverturnedEvidence['piece'], 'atMs' | 'decayMs'> {
  readonly occurred_at: string;
  readonly decay_at: string;
}

/** The piece of evidence with this id, with what nobody is shown; null where there is none. For commands, not for answers. */
export async function pieceById(context: SubgraphContext, id: string): Promise<OverturnedEvidence['piece'] | null> {
  const dot = id.lastIndexOf('.');
  const scoreId = parseScoreId(id.slice(0, Math.max(0, dot)));
  if (scoreId === null) return null;
  const [row] = await context.warehouse.query<PieceRow>(
    `SELECT event_id AS eventId, rule, creator_id AS target, dimension, source_id AS source, source_kind AS sourceKind, weight, trust, counted, occurred_at, decay_at
     FROM platform.reputation_evidence FINAL
     WHERE creator_id = {creator:String} AND dimension = {dimension:String}
       AND lower(hex(sipHash64Keyed((toUInt64({key0:UInt64}), toUInt64({key1:UInt64})), event_id, rule))) = {tag:String}`,
    {
      creator: scoreId.creatorId,
      dimension: scoreId.dimension,
      tag: id.slice(dot + 1),
      ...cursorKey(context.masterKey),
    },
  );
  if (row === undefined) return null;
  const { occurred_at, decay_at, ...piece } = row;
  const [atMs, decayMs] = [occurred_at, decay_at].map((instant) => Date.parse(isoFromWarehouse(instant)));
  return { ...piece, atMs: atMs as number, decayMs: decayMs as number };
}
