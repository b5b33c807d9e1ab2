-- Sealed parts of records from own_keys on lie under data keys of the record's
-- own retention class and month; those of older ones under keys of messages.
ALTER TABLE state ADD COLUMN own_keys INTEGER NOT NULL DEFAULT 0;
UPDATE state SET own_keys = (SELECT coalesce(max(seq) + 1, 0) FROM records);
-- Class of the data key that seals upstream. NULL is messages.
ALTER TABLE message_ids ADD COLUMN class TEXT;
-- Records about a person that refer to another one and have sealed parts: they
-- are found when the other one is purged, too.
CREATE INDEX records_sealed_ref ON records (subject) WHERE ref IS NOT NULL AND subject IS NOT NULL
  AND (original IS NOT NULL OR sent IS NOT NULL OR answer IS NOT NULL);
