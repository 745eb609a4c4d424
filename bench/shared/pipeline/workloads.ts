import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { EventLog, OutgoingRecord } from '../../../engines/event-log/port.ts';
import type { Warehouse } from '../../../engines/warehouse/port.ts';
import { type CanonEvent, canonicalJson } from '../../../schema/events/envelope.ts';
import type { Tick } from '../../../schema/events/tick.ts';
import { activityByKindHour } from '../../../schema/metrics/declared/activity.ts';
import { type TopicName, topics } from '../../../schema/topics.ts';
import { type TableName, warehouseInstant } from '../../../schema/warehouse/tables.ts';
import { createCanonPipeline } from '../../../streams/canon/canon-pipeline.ts';
import { chainOf } from '../../../streams/canon/testing.ts';
import { createPrivacyPipelines } from '../../../streams/privacy/privacy-pipelines.ts';
import { createReputationPipelines, reputationSinks } from '../../../streams/reputation/reputation-pipelines.ts';
import { communityEvents } from '../../../streams/reputation/testing.ts';
import { type SinkOptions, createSink } from '../../../streams/shared/sink.ts';
import type { Stage, StageDeps } from '../../../streams/shared/stage.ts';
import { praiseRecord } from './praise.ts';

export interface WorkloadDeps extends StageDeps {
  readonly warehouse: Warehouse;
  /** Where keys are kept. */
  readonly dataDir: string;
}

/** What goes into the log, and how the warehouse shows that all of it went through. */
export interface Input {
  readonly records: readonly OutgoingRecord[];
  /** Tables that get so many rows of each of these events, whose ids are told apart by `event_id`. */
  readonly rows: readonly { readonly table: TableName; readonly events: number; readonly each: number }[];
  /** Where rows are no function of single events: a query that gives a row once the last of it is there. */
  readonly last: string | null;
}

/** Runs of one measurement, in this order. */
const runNames = ['warm-up', 'run', 'backlog'] as const;
type RunName = (typeof runNames)[number];

/** A processor of the platform with its sinks, and what it is measured with. */
export interface Workload {
  readonly name: string;
  /** What a unit of its throughput is. */
  readonly unit: string;
  readonly stages: (deps: WorkloadDeps) => Promise<readonly Stage[]>;
  /** Deterministic; `run` keeps the inputs of several runs apart. Whole chains, so that the count is rounded up. */
  readonly input: (run: RunName, count: number, eventLog: EventLog) => Promise<Input>;
  /** The processor that the throughput of the log alone is read off: its group and what it reads. */
  readonly processor: { readonly group: string; readonly topic: TopicName };
  /** One record of its input whose row is waited for, and where; null where rows come by the hour. */
  readonly single: ((id: string) => OutgoingRecord) | null;
  readonly table: TableName;
}

const creators = 500;

const sinksOf = (sinks: readonly SinkOptions<TableName>[], deps: WorkloadDeps): Stage[] =>
  sinks.map((sink) => createSink(sink, deps));

const eventRecord = (event: CanonEvent): OutgoingRecord => ({
  topic: topics.events.name,
  key: event.entity.id,
  id: event.id,
  value: canonicalJson(event),
});

/** Ids as mutations give them: of one length and in the order of time, otherwise random. */
function idOf(run: string, n: number): string {
  const random = createHash('sha256').update(`${run}-${n}`).digest();
  return uuidv7({ msecs: startDay + runNames.indexOf(run as RunName) * dayMs + n, random });
}

/** Events of 500 creators, interleaved as a community's are. */
function chains(run: string, count: number): OutgoingRecord[] {
  const length = Math.ceil(count / creators);
  const all = Array.from({ length: creators }, (_, n) =>
    chainOf({ entityId: `${run}-${n}`, length, change: (_event, index) => ({ id: idOf(run, index * creators + n) }) }),
  );
  return Array.from({ length }, (_, version) => all.map((chain) => eventRecord(chain[version] as CanonEvent))).flat();
}

const canon: Workload = {
  name: 'canon',
  unit: 'events',
  stages: async (deps) => [
    createCanonPipeline(deps),
    ...sinksOf(
      [
        { topic: 'canonRecords', table: 'platform.canon_events' },
        { topic: 'canonStatus', table: 'platform.canon_status' },
        { topic: 'canonCases', table: 'platform.canon_cases' },
        { topic: 'canonBranches', table: 'platform.canon_branches' },
      ],
      deps,
    ),
  ],
  async input(run, count) {
    const records = chains(run, count);
    const events = records.length;
    return {
      records,
      rows: [
        { table: 'platform.canon_events', events, each: 1 },
        // Their initial status, and that nothing contradicts them.
        { table: 'platform.canon_status', events, each: 2 },
      ],
      last: null,
    };
  },
  processor: { group: 'canon', topic: 'events' },
  single: (id) => eventRecord(chainOf({ entityId: id, length: 1 })[0] as CanonEvent),
  table: 'platform.canon_events',
};

const reputationStages = async (deps: WorkloadDeps): Promise<readonly Stage[]> => [
  ...createReputationPipelines(deps, { anybodyIsKnown: true, seeds: ['member-0'] }),
  ...sinksOf(reputationSinks, deps),
];

/** The fast channel: pieces of evidence to the ledger and new scores. */
const fastChannel: Workload = {
  name: 'reputation-fast',
  unit: 'updates',
  stages: reputationStages,
  async input(run, count) {
    const records = Array.from({ length: count }, (_, n) =>
      praiseRecord(`${run}-${n}`, `${run}-creator-${n % 10_000}`),
    );
    return { records, rows: [{ table: 'platform.reputation_evidence', events: count, each: 1 }], last: null };
  },
  processor: { group: 'reputation', topic: 'reputationEvidence' },
  single: (id) => praiseRecord(id, `creator-${id}`),
  table: 'platform.reputation_evidence',
};

/** Both channels: each event is a judgement of a work, a piece of evidence about its one author. */
const reputation: Workload = {
  ...fastChannel,
  name: 'reputation',
  unit: 'events',
  async input(run, count) {
    const records = Array.from({ length: count }, (_, n) => judgement(`${run}-${n}`, `${run}-creator-${n % 10_000}`));
    return { records, rows: [{ table: 'platform.reputation_evidence', events: count, each: 1 }], last: null };
  },
  processor: { group: 'reputation-evidence', topic: 'events' },
  single: (id) => judgement(id, `creator-${id}`),
};

function judgement(id: string, author: string): OutgoingRecord {
  const [plain] = chainOf({
    entityId: id,
    length: 1,
    change: () => ({
      type: 'artifact.judged',
      id,
      entity: { type: 'Judgement', id },
      actor: 'platform:bench',
      source: 'EXTERNAL',
      payload: {
        artifactId: `work of ${author}`,
        artifactKind: 'CODE',
        isDerived: false,
        credits: [{ creatorId: author, sharePercent: 100 }],
        polarity: 1,
      },
    }),
  });
  return eventRecord(plain as CanonEvent);
}

const hourUs = 3_600_000_000;
const dayMs = 86_400_000;
const privacyHours = 3;
const startDay = Date.UTC(2024, 0, 1, 8);

/** Private analytics: events of some hours, and the ticks that close them. */
const privacy: Workload = {
  name: 'privacy',
  unit: 'events',
  stages: async (deps) => [
    ...(await createPrivacyPipelines({ ...deps, lifetimeRho: null })),
    ...sinksOf(
      [
        { topic: 'privacyReleases', table: 'analytics.releases' },
        { topic: 'privacyLedger', table: 'analytics.ledger', lingerMs: 500 },
        { topic: 'privacyRoots', table: 'analytics.ledger_roots', lingerMs: 500 },
      ],
      deps,
    ),
  ],
  async input(run, count, eventLog) {
    const made = communityEvents({ members: 2_000, events: count });
    // Each run has a clock and a day of its own, so that no window was closed before.
    const node = `replay:${run}`;
    const startUs = (startDay + runNames.indexOf(run) * dayMs) * 1000;
    const events = made.map((event, n) => {
      const wallUs = startUs + Math.floor((n * privacyHours * hourUs) / count);
      return { ...event, id: `${run}-${event.id}`, hlc: { ...event.hlc, wallUs, node } };
    });
    const endUs = startUs + privacyHours * hourUs;
    const partitions = await eventLog.partitionsOf(topics.events.name);
    const ticks = (wallUs: number): OutgoingRecord[] =>
      Array.from({ length: partitions }, (_, partition) => tickRecord({ tick: node, wallUs }, partition));
    return {
      records: [...ticks(startUs), ...events.map(eventRecord), ...ticks(endUs)],
      rows: [],
      last: `SELECT 1 FROM analytics.releases WHERE metric = '${activityByKindHour.id}' AND window_start = '${warehouseInstant(endUs - hourUs)}' LIMIT 1`,
    };
  },
  processor: { group: 'privacy-contributions', topic: 'events' },
  single: null,
  table: 'analytics.releases',
};

function tickRecord(tick: Tick, partition: number): OutgoingRecord {
  const id = `tick:${tick.tick}:${tick.wallUs}:${partition}`;
  return { topic: topics.events.name, key: `tick:${tick.tick}`, id, partition, value: JSON.stringify(tick) };
}

export const workloads: readonly Workload[] = [canon, reputation, fastChannel, privacy];
