import { GraphQLError } from 'graphql';
import type { GraphStore } from '../../engines/graph-store/port.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type EntityState, evolve } from './domain/entity-state.ts';
import { lineSql } from './queries.ts';
import type { Recorded } from './recorded.ts';
import type { CanonEvent } from '../../schema/events/envelope.ts';
import { parseExactly } from '../../schema/events/exact-json.ts';
import { formatHlc } from '../../schema/hlc.ts';

/** Events between two snapshots; more than twice as many to replay make a new one. */
const snapshotEvery = 256;
const eventsMax = 200_000;

/** An entity as canon knew it at a reading of the clock. */
export interface EntityAt {
  readonly entityId: string;
  readonly entityType: string;
  readonly at: string;
  readonly state: EntityState;
  /** Of the newest event that counted. */
  readonly version: number;
  readonly lastEventId: string;
  /** Canonical events that the state comes from. */
  readonly events: number;
}

interface Row {
  readonly event_id: string;
  readonly entity_type: string;
  readonly entity_version: number;
  readonly hlc: string;
  readonly status: string;
  readonly body: string;
}

/** `digest` is the exclusive or of the first eight bytes of each counted event's hash. */
type Replayed = Omit<EntityAt, 'entityId' | 'at'> & { readonly digest: bigint };

const nothing: Replayed = { entityType: '', state: {}, version: 0, lastEventId: '', events: 0, digest: 0n };

/** What of an event a state comes from. It was checked when it was recorded; here, 100,000 of them may be read for one answer. */
function changeIn(body: string): Pick<CanonEvent, 'type' | 'payload' | 'hash'> | null {
  try {
    const { type, payload, hash } = parseExactly(body) as Partial<CanonEvent>;
    if (typeof type !== 'string' || typeof hash !== 'string' || typeof payload !== 'object') return null;
    return { type, payload, hash };
  } catch {
    return null;
  }
}

function step(replayed: Replayed, row: Row): Replayed {
  const event = row.status === 'CANONICAL' ? changeIn(row.body) : null;
  if (event === null) return replayed;
  return {
    entityType: row.entity_type,
    state: evolve(replayed.state, event),
    version: row.entity_version,
    lastEventId: row.event_id,
    events: replayed.events + 1,
    digest: replayed.digest ^ Buffer.from(event.hash.slice(0, 16), 'hex').readBigUInt64LE(),
  };
}

/** The canonical events that a state was made of, in one number: a snapshot made of others does not hold. */
async function digestOf(warehouse: Warehouse, { entityId, isClaim }: Line, version: number): Promise<bigint | null> {
  const [row] = await warehouse.query<{ readonly digest: string }>(
    `SELECT toString(groupBitXor(reinterpretAsUInt64(unhex(substring(hash, 1, 16))))) AS digest FROM platform.canon_events FINAL
     WHERE entity_id = {id:String} AND ${lineSql(isClaim)} AND entity_version <= {version:UInt32} AND status = 'CANONICAL'`,
    { id: entityId, version },
  );
  return row ? BigInt(row.digest) : null;
}

interface Snapshot {
  readonly replayed: Replayed;
  /** The chain's version that it reaches, whether that event counted or not. */
  readonly reaches: number;
}

/** An entity's own events; or, of the same id, what other platforms and agents claim about it, which is a chain of its own. */
interface Line {
  readonly entityId: string;
  readonly isClaim?: boolean | undefined;
}

const snapshotKey = ({ entityId, isClaim = false }: Line): string => (isClaim ? `claims|${entityId}` : entityId);

/** The newest snapshot before a reading that still holds. */
async function snapshotBefore(
  { store, warehouse }: { store: GraphStore; warehouse: Warehouse },
  line: Line,
  at: string,
): Promise<Snapshot | null> {
  const page = await store.find({
    type: 'CanonSnapshot',
    where: { entityId: snapshotKey(line) },
    orderBy: 'hlc',
    order: 'desc',
    // A reading is followed by its clock's name, which sorts after the highest id.
    after: { value: at, id: '~' },
    limit: 1,
  });
  const [found] = page.items;
  if (!found) return null;
  const { replayed, reaches, digest } = found.props;
  if ((await digestOf(warehouse, line, reaches)) !== BigInt(digest)) return null;
  return { replayed: { ...(parseExactly(replayed) as Replayed), digest: BigInt(digest) }, reaches };
}

type NewSnapshot = Snapshot & { readonly hlc: string };

async function keepSnapshots(store: GraphStore, entityId: string, snapshots: readonly NewSnapshot[]): Promise<void> {
  if (snapshots.length === 0) return;
  await store.transact(async (tx) => {
    for (const { replayed, reaches, hlc } of snapshots) {
      const { digest, ...rest } = replayed;
      const props = { entityId, hlc, reaches, digest: String(digest), replayed: JSON.stringify(rest) };
      await tx.put({ type: 'CanonSnapshot', id: `snapshot|${entityId}|${reaches}`, props });
    }
  });
}

const rowsMax = 4_096;
const versionMax = 4_294_967_295;

interface AskedEntity extends Line {
  readonly at: string;
  readonly knownAt: string | null;
  /** Only events of the chain before this version. */
  readonly beforeVersion?: number;
}

/** A state with more events on top of it, those up to the reading that was asked for, whatever their status. */
export function follow(base: EntityAt | null, asked: AskedEntity, events: readonly Recorded[]): EntityAt | null {
  const { entityId, at } = asked;
  let { state, ...rest }: Omit<EntityAt, 'entityId' | 'at'> = base ?? nothing;
  for (const { event } of events) {
    if (formatHlc(event.hlc) > at) continue;
    state = evolve(state, event);
    rest = {
      entityType: event.entity.type,
      version: event.entityVersion,
      lastEventId: event.id,
      events: rest.events + 1,
    };
  }
  return rest.events === 0 ? null : { ...rest, state, entityId, at };
}

/**
 * The state of an entity at a reading of the clock, from its CANONICAL events up to then; null where there are none. `knownAt` asks what was known at that
 * time: events that were not recorded, or not canonical, by then do not count. Throws LIMIT_EXCEEDED beyond 200,000 events without a snapshot.
 */
export async function entityAt(
  engines: { readonly store: GraphStore; readonly warehouse: Warehouse },
  asked: AskedEntity,
): Promise<EntityAt | null> {
  const { entityId, at, knownAt, beforeVersion } = asked;
  const isPresent = knownAt === null;
  // What was known then is what the statuses of then say, so that snapshots of today's do not serve.
  const newest = isPresent ? await snapshotBefore(engines, asked, at) : null;
  const start = newest && newest.reaches < (beforeVersion ?? Infinity) ? newest : null;
  let replayed = start?.replayed ?? nothing;
  let reaches = start?.reaches ?? 0;
  let since = 0;
  const snapshots: NewSnapshot[] = [];
  for (let after = { version: reaches, id: '\u{10ffff}' }; ;) {
    const rows = await readRows(engines.warehouse, {
      ...{ entityId, until: earlier(at, knownAt), knownAt, after },
      ...{ before: beforeVersion ?? versionMax, isClaim: asked.isClaim },
    });
    for (const row of rows) {
      replayed = step(replayed, row);
      since += 1;
      const isBoundary = row.entity_version > reaches && row.entity_version % snapshotEvery === 0;
      reaches = row.entity_version;
      if (isPresent && isBoundary && since >= snapshotEvery * 2) {
        snapshots.push({ replayed, reaches, hlc: row.hlc });
        since = 0;
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < rowsMax) break;
    if (reaches - (start?.reaches ?? 0) > eventsMax) throw tooLong(entityId);
    after = { version: last.entity_version, id: last.event_id };
  }
  await keepSnapshots(engines.store, snapshotKey(asked), snapshots);
  return replayed.events === 0 ? null : { entityId, at, ...replayed };
}

function earlier(at: string, knownAt: string | null): string {
  return knownAt !== null && knownAt < at ? knownAt : at;
}

function readRows(
  warehouse: Warehouse,
  range: {
    readonly entityId: string;
    readonly until: string;
    readonly knownAt: string | null;
    readonly after: { readonly version: number; readonly id: string };
    readonly before: number;
    readonly isClaim: boolean | undefined;
  },
): Promise<readonly Row[]> {
  const { entityId, until, knownAt, after, before } = range;
  const parameters = { id: entityId, until, version: after.version, event: after.id, before, limit: rowsMax };
  // The pair's first half by itself too: the primary key finds the place by that, not by the pair.
  const where = `entity_id = {id:String} AND ${lineSql(range.isClaim)} AND hlc <= {until:String} AND entity_version >= {version:UInt32} AND entity_version < {before:UInt32} AND (entity_version, event_id) > ({version:UInt32}, {event:String})`;
  const order = 'ORDER BY entity_version, event_id LIMIT {limit:UInt32}';
  if (knownAt === null) {
    return warehouse.query<Row>(
      `SELECT event_id, entity_type, entity_version, hlc, status, body FROM platform.canon_events FINAL WHERE ${where} ${order}`,
      parameters,
    );
  }
  const knownUs = Number(knownAt.slice(0, 16));
  return warehouse.query<Row>(
    `SELECT event_id, entity_type, entity_version, hlc, known.status AS status, body
     FROM (SELECT * FROM platform.canon_events FINAL WHERE ${where} ${order}) AS events
     LEFT JOIN (
       SELECT event_id, argMax(status, seq) AS status FROM platform.canon_status
       WHERE moved_at <= fromUnixTimestamp64Micro({known:Int64}) AND event_id IN (SELECT event_id FROM platform.canon_events WHERE entity_id = {id:String})
       GROUP BY event_id
     ) AS known USING event_id
     ORDER BY entity_version, event_id`,
    { ...parameters, known: knownUs },
  );
}

function tooLong(entityId: string): GraphQLError {
  return new GraphQLError(`entity ${entityId} has more than ${eventsMax} events: ask for an earlier time first`, {
    extensions: { code: 'LIMIT_EXCEEDED' },
  });
}
