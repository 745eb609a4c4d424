ALTER TABLE platform.canon_events ADD INDEX IF NOT EXISTS by_cause caused_by TYPE bloom_filter(0.01) GRANULARITY 1
;
ALTER TABLE platform.canon_events MATERIALIZE INDEX by_cause
;
