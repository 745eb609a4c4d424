ALTER TABLE platform.canon_events ADD COLUMN IF NOT EXISTS leaf_index Nullable(UInt64) AFTER log_offset
;
