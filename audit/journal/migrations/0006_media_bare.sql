-- Rows that no floor keeps: a look for what is over passes the others by, of which
-- there are years where a floor keeps files.
CREATE INDEX media_bare ON media (until, id) WHERE stored = 0 OR upstream IS NULL;
