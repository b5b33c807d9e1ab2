-- The order in which contents make room where the store of files is full: each
-- step reads its few rows instead of sorting all.
CREATE INDEX media_oldest ON media (inbound, created, id) WHERE stored = 1;
