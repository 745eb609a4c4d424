-- A creator may stop the decay of their evidence for a time. From then on their clock of decay lags behind: it is what sums and points decay by.
ALTER TABLE platform.reputation_scores ADD COLUMN IF NOT EXISTS decay_at DateTime64(3, 'UTC') DEFAULT as_of AFTER as_of
;
ALTER TABLE platform.reputation_score_history ADD COLUMN IF NOT EXISTS decay_at DateTime64(3, 'UTC') DEFAULT as_of AFTER as_of
;
ALTER TABLE platform.reputation_evidence ADD COLUMN IF NOT EXISTS decay_at DateTime64(3, 'UTC') DEFAULT occurred_at AFTER occurred_at
;
ALTER TABLE platform.reputation_evidence_history ADD COLUMN IF NOT EXISTS decay_at DateTime64(3, 'UTC') DEFAULT occurred_at AFTER occurred_at
;
DROP VIEW IF EXISTS platform.reputation_score_history_view
;
DROP VIEW IF EXISTS platform.reputation_evidence_history_view
;
CREATE MATERIALIZED VIEW IF NOT EXISTS platform.reputation_score_history_view TO platform.reputation_score_history AS
SELECT creator_id, dimension, formula_version, score, low, high, positive, negative, evidence_count, as_of, decay_at, version FROM platform.reputation_scores
;
CREATE MATERIALIZED VIEW IF NOT EXISTS platform.reputation_evidence_history_view TO platform.reputation_evidence_history AS
SELECT creator_id, dimension, event_id, rule, source_id, source_kind, weight, trust, counted, refusal, occurred_at, decay_at, version
FROM platform.reputation_evidence
;
