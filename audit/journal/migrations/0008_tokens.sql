-- Values of records that stand there as reversible tokens, sealed, under the
-- keyed hash that the token shows.
CREATE TABLE tokens (
  hash    BLOB NOT NULL,
  record  BLOB NOT NULL,
  subject BLOB NOT NULL,
  class   TEXT NOT NULL,
  month   TEXT NOT NULL,
  time    INTEGER NOT NULL,
  sealed  BLOB NOT NULL,
  PRIMARY KEY (hash, record)
) WITHOUT ROWID;
CREATE INDEX tokens_record ON tokens (record);
CREATE INDEX tokens_subject ON tokens (subject);
