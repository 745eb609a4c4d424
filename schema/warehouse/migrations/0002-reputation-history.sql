-- Every score and every counting of a piece of evidence, not only the newest: what `asAt` and `history` read. A version is a place in the evidence's
-- log, the same in both tables, so that a past score is explained by the ledger as it stood then. Views fill them, whatever fills the tables.
CREATE TABLE IF NOT EXISTS platform.reputation_score_history
(
  creator_id String, dimension LowCardinality(String), formula_version LowCardinality(String), score Float64, low Float64, high Float64,
  positive Float64, negative Float64, evidence_count UInt32, as_of DateTime64(3, 'UTC'), version UInt64
)
ENGINE = ReplacingMergeTree ORDER BY (creator_id, dimension, version)
SETTINGS index_granularity = 512
;
CREATE TABLE IF NOT EXISTS platform.reputation_evidence_history
(
  creator_id String, dimension LowCardinality(String), event_id String, rule LowCardinality(String), source_id String,
  source_kind LowCardinality(String), weight Float64, trust Float64, counted Float64, refusal LowCardinality(String),
  occurred_at DateTime64(3, 'UTC'), version UInt64
)
ENGINE = ReplacingMergeTree ORDER BY (creator_id, dimension, event_id, rule, version)
SETTINGS index_granularity = 512
;
CREATE MATERIALIZED VIEW IF NOT EXISTS platform.reputation_score_history_view TO platform.reputation_score_history AS
SELECT creator_id, dimension, formula_version, score, low, high, positive, negative, evidence_count, as_of, version FROM platform.reputation_scores
;
CREATE MATERIALIZED VIEW IF NOT EXISTS platform.reputation_evidence_history_view TO platform.reputation_evidence_history AS
SELECT creator_id, dimension, event_id, rule, source_id, source_kind, weight, trust, counted, refusal, occurred_at, version FROM platform.reputation_evidence
;
INSERT INTO platform.reputation_score_history
SELECT creator_id, dimension, formula_version, score, low, high, positive, negative, evidence_count, as_of, version FROM platform.reputation_scores
;
INSERT INTO platform.reputation_evidence_history
SELECT creator_id, dimension, event_id, rule, source_id, source_kind, weight, trust, counted, refusal, occurred_at, version FROM platform.reputation_evidence
;
