CREATE TABLE IF NOT EXISTS analytics.ledger
(
  seq UInt64, prevHash String, state LowCardinality(String), day LowCardinality(String), releaseId String, schemaHash LowCardinality(String),
  commitment String, rho LowCardinality(String), delta LowCardinality(String), releaseHash Nullable(String), cells Map(String, String), hash String
)
ENGINE = ReplacingMergeTree ORDER BY seq
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE TABLE IF NOT EXISTS analytics.ledger_roots
(
  day LowCardinality(String), seq Int64, hash String, closesEpoch Nullable(String), signature String, publicKey LowCardinality(String)
)
ENGINE = ReplacingMergeTree ORDER BY (day, seq)
SETTINGS non_replicated_deduplication_window = 10000
