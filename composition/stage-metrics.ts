import { Counter, Gauge, Registry } from 'prom-client';
import { TopicError } from '../engines/event-log/port.ts';
import type { OutboxDepth } from '../engines/outbox/port.ts';
import type { Warehouse } from '../engines/warehouse/port.ts';
import type { Stage, StageMetrics } from '../streams/shared/stage.ts';

const duplicateBlocks = "SELECT sum(value) AS n FROM system.events WHERE event = 'DuplicatedInsertedBlocks'";

/** What an operator sees of the streams. */
export interface StageRegistry {
  readonly metrics: StageMetrics;
  /** Whose lag is told. */
  watch(stages: readonly Stage[]): void;
  /** Whose depth and age are told. */
  watchOutbox(outbox: { depth(): Promise<OutboxDepth> }): void;
  /** Whose refusals of repeated inserts are told. */
  watchWarehouse(warehouse: Pick<Warehouse, 'query'>): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/**
 * Lag, failures, dead letters, duplicates and busy time per stage. How many messages a stage took is not told: for privacy's stages that would be an exact
 * count of activity, which nobody may see.
 */
export function createStageRegistry(): StageRegistry {
  const registry = new Registry();
  const registers = [registry];
  let watched: readonly Stage[] = [];
  const failures = new Counter({
    name: 'vcos_stream_failures_total',
    help: 'Batches that failed and were tried again',
    labelNames: ['stage'],
    registers,
  });
  const deadLetters = new Counter({
    name: 'vcos_stream_dead_letters_total',
    help: 'Messages put aside, by reason',
    labelNames: ['stage', 'reason'],
    registers,
  });
  const duplicates = new Counter({
    name: 'vcos_stream_duplicates_total',
    help: 'Messages that came again and were passed over by their id',
    labelNames: ['stage'],
    registers,
  });
  const busy = new Counter({
    name: 'vcos_stream_busy_seconds_total',
    help: 'Time spent in handlers',
    labelNames: ['stage'],
    registers,
  });
  new Gauge({
    name: 'vcos_stream_lag_records',
    help: 'Records of its input that a stage has not handled yet',
    labelNames: ['stage'],
    registers,
    async collect() {
      for (const stage of watched) {
        this.set({ stage: stage.name }, await lagOf(stage));
      }
    },
  });
  return {
    metrics: {
      count(stage, outcome, reason, n) {
        if (outcome === 'deadLetter') deadLetters.inc({ stage, reason }, n);
        if (outcome === 'drop' && reason === 'DUPLICATE') duplicates.inc({ stage }, n);
      },
      batch: (stage, _records, durationMs) => busy.inc({ stage }, durationMs / 1_000),
      failure: (stage) => failures.inc({ stage }),
    },
    watch(stages) {
      watched = stages;
      for (const stage of stages) tellGauges(stage, registers);
    },
    watchOutbox: (outbox) => tellOutbox(outbox, registers),
    watchWarehouse: (warehouse) => tellWarehouse(warehouse, registers),
    text: () => registry.metrics(),
  };
}

/** Not a number where the stage cannot go on at all: the other figures are told all the same, and `/health/ready` says why. */
async function lagOf(stage: Stage): Promise<number> {
  try {
    return (await stage.lag()).reduce((sum, partition) => sum + partition.lag, 0);
  } catch (error) {
    if (error instanceof TopicError) return Number.NaN;
    throw error;
  }
}

/** What a stage measures beside its lag, as it stands when it is asked for. */
function tellGauges(stage: Stage, registers: Registry[]): void {
  for (const { name, help, labels } of stage.gauges?.() ?? [])
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers,
      collect() {
        const gauge = stage.gauges?.().find((one) => one.name === name);
        for (const each of gauge?.values ?? []) this.set(each.labels, each.value);
      },
    });
}

function tellOutbox(outbox: { depth(): Promise<OutboxDepth> }, registers: Registry[]): void {
  new Gauge({
    name: 'vcos_outbox_age_seconds',
    help: 'Age of the oldest committed record that the event log does not have yet',
    registers,
    async collect() {
      this.set((await outbox.depth()).ageMs / 1_000);
    },
  });
  new Gauge({
    name: 'vcos_outbox_depth_records',
    help: 'Committed records that the event log does not have yet',
    registers,
    async collect() {
      this.set((await outbox.depth()).records);
    },
  });
}

function tellWarehouse(warehouse: Pick<Warehouse, 'query'>, registers: Registry[]): void {
  new Gauge({
    name: 'vcos_warehouse_duplicate_blocks',
    help: 'Inserted blocks that the warehouse had already and dropped by their token, whoever sent them, since it started',
    registers,
    async collect() {
      // While the warehouse is away the other figures are told all the same, and this one as it was last.
      const rows = await warehouse.query<{ n: string }>(duplicateBlocks).catch(() => null);
      if (rows !== null) this.set(Number(rows[0]?.n ?? 0));
    },
  });
}
