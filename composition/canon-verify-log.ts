import type { EventLog } from '../engines/event-log/port.ts';
import type { GraphReader } from '../engines/graph-store/port.ts';
import type { CanonEvent } from '../schema/events/envelope.ts';
import type { NodeProps } from '../schema/graph/catalogue.ts';
import { type Checkpoint, openCheckpoint } from '../schema/merkle/checkpoint.ts';
import type { ExportVerdict } from '../schema/merkle/export-file.ts';
import { HASH_BYTES } from '../schema/merkle/hash.ts';
import { type HistoryFault, HistoryVerifier } from '../schema/merkle/history.ts';
import type { NoteVerifier } from '../schema/merkle/signed-note.ts';
import { tileNodeId } from '../schema/merkle/stored-tree.ts';
import { tileWidth } from '../schema/merkle/tiles.ts';
import { topics } from '../schema/topics.ts';
import type { RowOf } from '../schema/warehouse/tables.ts';
import { canonProcessor } from '../streams/canon/canon-pipeline.ts';
import type { VerifiedSources } from '../streams/canon/domain/verified-sources.ts';
import { PartitionRunner } from '../streams/shared/partition-runner.ts';

const pageRecords = 1_000;

/**
 * Runs canon anew over everything that a partition of the log holds, and compares what it accepts with the signed tree. Nothing that canon
 * wrote is trusted but the checkpoint, and that by its signature. `sources` is told of every event that holds.
 */
export async function verifyLog(
  engines: { readonly eventLog: EventLog; readonly store: GraphReader },
  head: NodeProps['CanonTree'],
  {
    log,
    kept,
    sources,
  }: { readonly log: NoteVerifier; readonly kept: readonly Checkpoint[]; readonly sources?: VerifiedSources },
): Promise<ExportVerdict> {
  const { partition } = head;
  const checkpoint = openCheckpoint(head.checkpoint, log);
  const leaves = await storedLeaves(engines.store, head);
  const own = kept.filter(({ origin }) => origin === checkpoint.origin);
  const verifier = new HistoryVerifier({
    checkpoints: [checkpoint, ...own],
    leafAt: (index) => leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  });
  /** The first refusal after each leaf explains why the next event is not the one that was signed. */
  const refusals = new Map<number, string>();
  const explained = (fault: HistoryFault): HistoryFault => ({
    ...fault,
    reason: fault.reason + (refusals.get(fault.leaf) ?? ''),
  });
  let accepted = 0;
  const runner = new PartitionRunner(canonProcessor, {
    changelog: 'verification',
    partition,
    nowMs: Date.now,
    onOutcome: (outcome, reason, { offset }) => {
      if (outcome === 'ok') accepted += 1;
      if (outcome !== 'deadLetter' || refusals.has(accepted)) return;
      refusals.set(accepted, `; before it, the record at offset ${offset} was refused: ${reason}`);
    },
  });
  const taken = new Set<string>();
  for (let from = 0; ;) {
    const page = await engines.eventLog.read({ topic: topics.events.name, partition, from, limit: pageRecords });
    const last = page.at(-1);
    if (!last) break;
    for (const { topic, value } of page.flatMap((record) => runner.handle([record]))) {
      if (topic !== topics.canonRecords.name || value === null) continue;
      const row = JSON.parse(value) as RowOf<'platform.canon_events'>;
      if (taken.has(row.event_id) || verifier.size >= head.size) continue;
      taken.add(row.event_id);
      const fault = verifier.take({ body: row.body });
      if (fault) return { events: verifier.size, checkpoint, fault: explained(fault) };
      sources?.take(JSON.parse(row.body) as CanonEvent, { partition, leaf: verifier.size - 1 });
    }
    from = last.offset + 1;
  }
  const fault = verifier.finish();
  return { events: verifier.size, checkpoint, fault: fault && explained(fault) };
}

/** The leaves of the stored tree, one after the other. They are as good as the root that they lead to. */
async function storedLeaves(store: GraphReader, { partition, size }: NodeProps['CanonTree']): Promise<Buffer> {
  const leaves = Buffer.alloc(size * HASH_BYTES);
  for (let index = 0; index * tileWidth < size; index += 1) {
    const [tile] = await store.get('CanonTile', [tileNodeId(partition, { level: 0, index })]);
    if (tile) Buffer.from(tile.props.hashes, 'base64').copy(leaves, index * tileWidth * HASH_BYTES);
  }
  return leaves;
}
