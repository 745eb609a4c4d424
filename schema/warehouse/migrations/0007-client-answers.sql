CREATE TABLE IF NOT EXISTS analytics.client_answers
(
  question LowCardinality(String), day DateTime64(3, 'UTC'), reports UInt32, reported Array(UInt32)
)
ENGINE = ReplacingMergeTree(reports) ORDER BY (question, day)
SETTINGS non_replicated_deduplication_window = 10000
