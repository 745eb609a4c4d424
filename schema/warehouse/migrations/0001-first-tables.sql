-- Statements are separated by a line that holds a semicolon alone. A migration is never edited once it has landed.
CREATE DATABASE IF NOT EXISTS platform
;
CREATE DATABASE IF NOT EXISTS analytics
;
CREATE TABLE IF NOT EXISTS platform.canon_events
(
  event_id String, entity_type LowCardinality(String), entity_id String, entity_version UInt32,
  type LowCardinality(String), type_version UInt16, hlc String, occurred_at DateTime64(3, 'UTC'),
  actor String, source LowCardinality(String), status LowCardinality(String), status_seq UInt32,
  caused_by Array(String), prev_hash String, hash String, log_partition UInt16, log_offset UInt64, body String CODEC(ZSTD),
  INDEX by_event event_id TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX by_actor actor TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_time occurred_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(status_seq) ORDER BY (entity_id, entity_version, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1
;
CREATE TABLE IF NOT EXISTS platform.canon_status
(
  event_id String, seq UInt32, status LowCardinality(String), reason String, decider String,
  contradiction LowCardinality(Nullable(String)), moved_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree ORDER BY (event_id, seq)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1
;
CREATE TABLE IF NOT EXISTS platform.reputation_scores
(
  creator_id String, dimension LowCardinality(String), formula_version LowCardinality(String), score Float64, low Float64, high Float64,
  positive Float64, negative Float64, evidence_count UInt32, as_of DateTime64(3, 'UTC'), version UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY (creator_id, dimension)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 512
;
CREATE TABLE IF NOT EXISTS platform.reputation_evidence
(
  creator_id String, dimension LowCardinality(String), event_id String, rule LowCardinality(String), source_id String,
  source_kind LowCardinality(String), weight Float64, trust Float64, counted Float64, refusal LowCardinality(String),
  occurred_at DateTime64(3, 'UTC'), version UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY (creator_id, dimension, event_id, rule)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 512
;
CREATE TABLE IF NOT EXISTS analytics.releases
(
  release_id String, metric LowCardinality(String), schema_hash String, window_start DateTime64(3, 'UTC'), window_end DateTime64(3, 'UTC'),
  key LowCardinality(String), value Int64, level Float64, low Int64, high Int64, sigma2 String, rho String,
  sealed_at DateTime64(3, 'UTC'), ledger_seq UInt64, ledger_hash String
)
ENGINE = ReplacingMergeTree ORDER BY (metric, key, window_start)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
;
