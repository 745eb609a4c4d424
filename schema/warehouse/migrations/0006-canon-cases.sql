CREATE TABLE IF NOT EXISTS platform.canon_cases
(
  case_id String, seq UInt32, entity_type LowCardinality(String), entity_id String, kind LowCardinality(Nullable(String)),
  event_ids Array(String), parties Array(String), state LowCardinality(String), strategy LowCardinality(String),
  verdict LowCardinality(String), favours String, decider String, reason String, assignee String,
  due_at Nullable(DateTime64(3, 'UTC')), escalations UInt32, opened_at DateTime64(3, 'UTC'), moved_at DateTime64(3, 'UTC'), log_key String
)
ENGINE = ReplacingMergeTree ORDER BY (case_id, seq)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1
;
CREATE TABLE IF NOT EXISTS platform.canon_branches
(
  branch_id String, event_id String, seq UInt32, entity_type LowCardinality(String), entity_id String, case_id String,
  is_member Bool, moved_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(seq) ORDER BY (branch_id, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1
;
