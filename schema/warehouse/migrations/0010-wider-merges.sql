-- Tables that get a part with every insert. Merges of two or three parts, which ClickHouse makes whenever it is idle, wrote a row again up to 137 times in
-- 400 inserts. Wider merges write it a quarter as often; queries find a few more parts.
ALTER TABLE platform.canon_events MODIFY SETTING merge_selector_base = 10, min_parts_to_merge_at_once = 8
;
ALTER TABLE platform.canon_status MODIFY SETTING merge_selector_base = 10, min_parts_to_merge_at_once = 8
;
ALTER TABLE platform.reputation_scores MODIFY SETTING merge_selector_base = 10, min_parts_to_merge_at_once = 8
;
ALTER TABLE platform.reputation_evidence MODIFY SETTING merge_selector_base = 10, min_parts_to_merge_at_once = 8
;
ALTER TABLE platform.reputation_score_history MODIFY SETTING merge_selector_base = 10, min_parts_to_merge_at_once = 8
;
ALTER TABLE platform.reputation_evidence_history MODIFY SETTING merge_selector_base = 10, min_parts_to_merge_at_once = 8
