-- Media that went to upstream or came from it. upstream is sealed, hash its
-- keyed hash; stored is 1 while the media store holds the content.
CREATE TABLE media (
  id       BLOB PRIMARY KEY,
  tenant   TEXT NOT NULL,
  number   TEXT NOT NULL,
  app      TEXT NOT NULL,
  subject  BLOB,
  month    TEXT NOT NULL,
  hash     BLOB NOT NULL,
  upstream BLOB,
  kind     TEXT NOT NULL,
  mime     TEXT NOT NULL,
  bytes    INTEGER NOT NULL,
  inbound  INTEGER NOT NULL,
  stored   INTEGER NOT NULL,
  created  INTEGER NOT NULL,
  until    INTEGER NOT NULL,
  fetch_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX media_hash ON media (hash);
CREATE INDEX media_subject ON media (subject) WHERE subject IS NOT NULL;
-- What has to go first, for cleaning up.
CREATE INDEX media_until ON media (until);
CREATE INDEX media_fetch ON media (fetch_at) WHERE fetch_at > 0;
CREATE INDEX media_created ON media (created) WHERE stored = 1;
