-- When a score became what it is. Its evidence may be older: an appeal was upheld, something was taken back, or trust in a source came later. Scores of the past are found by this instant;
-- those of before it was told are found by their newest evidence.
ALTER TABLE platform.reputation_scores ADD COLUMN IF NOT EXISTS changed_at DateTime64(3, 'UTC') DEFAULT as_of AFTER decay_at
;
ALTER TABLE platform.reputation_score_history ADD COLUMN IF NOT EXISTS changed_at DateTime64(3, 'UTC') DEFAULT as_of AFTER decay_at
;
DROP VIEW IF EXISTS platform.reputation_score_history_view
;
CREATE MATERIALIZED VIEW IF NOT EXISTS platform.reputation_score_history_view TO platform.reputation_score_history AS
SELECT creator_id, dimension, formula_version, score, low, high, positive, negative, evidence_count, as_of, decay_at, changed_at, version FROM platform.reputation_scores
