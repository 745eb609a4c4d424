CREATE TABLE IF NOT EXISTS platform.reputation_comparisons
(
  day Date, dimension LowCardinality(String), formula_version LowCardinality(String), creators UInt32, top UInt32, overlap Float64,
  largest_difference Float64, compared_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(compared_at) ORDER BY (day, dimension)
SETTINGS non_replicated_deduplication_window = 10000
;
