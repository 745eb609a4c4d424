-- Up to which version its ledger made a score. Time makes scores anew that nothing is written into the ledger for; those of before were all made by their ledgers.
ALTER TABLE platform.reputation_scores ADD COLUMN IF NOT EXISTS ledger_version UInt64 DEFAULT version AFTER changed_at
;
ALTER TABLE platform.reputation_score_history ADD COLUMN IF NOT EXISTS ledger_version UInt64 DEFAULT version AFTER changed_at
;
DROP VIEW IF EXISTS platform.reputation_score_history_view
;
CREATE MATERIALIZED VIEW IF NOT EXISTS platform.reputation_score_history_view TO platform.reputation_score_history AS
SELECT creator_id, dimension, formula_version, score, low, high, positive, negative, evidence_count, as_of, decay_at, changed_at, ledger_version, version FROM platform.reputation_scores
