import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Gauge, Registry } from 'prom-client';
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

export interface StageRegistryOptions {
  /** How long an engine may take to tell its figures. Prometheus gives up after 10 s, and then has none of the process's. */
  readonly patienceMs?: number;
}

/** Asks an engine for a number; `otherwise` where it fails or is silent. */
type AskNumber = (otherwise: number, ask: () => Promise<number>) => Promise<number>;

/**
 * Lag, failures, dead letters, duplicates and busy time per stage. How many messages a stage took is not told: for privacy's stages that would be an exact
 * count of activity, which nobody may see.
 */
export function createStageRegistry({ patienceMs = 5_000 }: StageRegistryOptions = {}): StageRegistry {
  const numberOr = inTime(patienceMs);
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
      await Promise.all(
        watched.map(async (stage) => this.set({ stage: stage.name }, await numberOr(Number.NaN, () => lagOf(stage)))),
      );
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
    watchOutbox: (outbox) => tellOutbox(outbox, { registers, numberOr }),
    watchWarehouse: (warehouse) => tellWarehouse(warehouse, { registers, numberOr }),
    text: () => registry.metrics(),
  };
}

async function lagOf(stage: Stage): Promise<number> {
  return (await stage.lag()).reduce((sum, partition) => sum + partition.lag, 0);
}

/** An engine that is away takes nobody else's figures along. What is wrong with it is told in the log by whoever works with it. */
function inTime(patienceMs: number): AskNumber {
  return async (otherwise, ask) => {
    const answered = new AbortController();
    const silence = sleep(patienceMs, otherwise, { signal: answered.signal }).catch(() => otherwise);
    try {
      return await Promise.race([ask(), silence]);
    } catch {
      return otherwise;
    } finally {
      answered.abort();
    }
  };
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

interface Teller {
  readonly registers: Registry[];
  readonly numberOr: AskNumber;
}

function tellOutbox(outbox: { depth(): Promise<OutboxDepth> }, { registers, numberOr }: Teller): void {
  new Gauge({
    name: 'vcos_outbox_age_seconds',
    help: 'Age of the oldest committed record that the event log does not have yet',
    registers,
    async collect() {
      this.set(await numberOr(Number.NaN, async () => (await outbox.depth()).ageMs / 1_000));
    },
  });
  new Gauge({
    name: 'vcos_outbox_depth_records',
    help: 'Committed records that the event log does not have yet',
    registers,
    async collect() {
      this.set(await numberOr(Number.NaN, async () => (await outbox.depth()).records));
    },
  });
}

function tellWarehouse(warehouse: Pick<Warehouse, 'query'>, { registers, numberOr }: Teller): void {
  let last = 0;
  new Gauge({
    name: 'vcos_warehouse_duplicate_blocks',
    help: 'Inserted blocks that the warehouse had already and dropped by their token, whoever sent them, since it started',
    registers,
    async collect() {
      // While the warehouse is away, as it was last.
      last = await numberOr(last, async () =>
        Number((await warehouse.query<{ n: string }>(duplicateBlocks))[0]?.n ?? 0),
      );
      this.set(last);
    },
  });
}
