-- A journal as schema version 1 wrote it: an admission and its settle.
BEGIN;
-- Short values that repeat in nearly every record are stored once, as a
-- context: a record's row stays small and verification reads half the columns.
CREATE TABLE contexts (
  id        INTEGER PRIMARY KEY,
  hash      BLOB NOT NULL UNIQUE,
  version   INTEGER NOT NULL,
  chain     TEXT NOT NULL,
  kind      TEXT NOT NULL,
  tenant    TEXT NOT NULL,
  app       TEXT NOT NULL,
  number    TEXT NOT NULL,
  actor     TEXT NOT NULL,
  direction TEXT NOT NULL,
  dialect   TEXT NOT NULL,
  type      TEXT NOT NULL,
  category  TEXT NOT NULL,
  effect    TEXT NOT NULL,
  reasons   TEXT NOT NULL,
  observed  TEXT NOT NULL,
  revision  TEXT NOT NULL,
  retention TEXT NOT NULL,
  labels    TEXT NOT NULL,
  result    TEXT NOT NULL
);

-- Lists hold one item a line. A part is 0x01, hash (32), salt (16), body while
-- it is kept, and 0x02, hash (32) once it is erased. NULL is "not there".
CREATE TABLE records (
  seq        INTEGER PRIMARY KEY,
  context    INTEGER NOT NULL,
  id         BLOB NOT NULL,
  time       INTEGER NOT NULL,
  ref        BLOB,
  subject    BLOB,
  country    TEXT,
  template   TEXT,
  findings   TEXT,
  changed    INTEGER,
  mac        BLOB,
  mac_key    INTEGER,
  message_id BLOB,
  code       INTEGER,
  prev       BLOB NOT NULL,
  leaf       BLOB NOT NULL,
  facts      TEXT,
  body       BLOB,
  detail     BLOB,
  input      BLOB,
  answer     BLOB,
  original   BLOB,
  sent       BLOB
);
CREATE UNIQUE INDEX records_id ON records (id);
CREATE INDEX records_ref ON records (ref) WHERE ref IS NOT NULL;
-- Records that refer to another one are found through it.
CREATE INDEX records_subject ON records (subject) WHERE subject IS NOT NULL AND ref IS NULL;

-- Nodes of the tree above the leaves (level 1 is over 256 of them), so that a
-- start reads at most one tile a level.
CREATE TABLE nodes (
  level INTEGER NOT NULL,
  n     INTEGER NOT NULL,
  hash  BLOB NOT NULL,
  PRIMARY KEY (level, n)
) WITHOUT ROWID;
CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  note TEXT NOT NULL
);

-- counted: records below it are in counts. settled: no admission below it is
-- open. epoch: transactions without a record. recoveries: reopened after a failure.
CREATE TABLE state (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  chain      TEXT NOT NULL,
  counted    INTEGER NOT NULL,
  settled    INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  recoveries INTEGER NOT NULL
);
CREATE TABLE counts (
  day    TEXT NOT NULL,
  tenant TEXT NOT NULL,
  kind   TEXT NOT NULL,
  effect TEXT NOT NULL,
  reason TEXT NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (day, tenant, kind, effect, reason)
) WITHOUT ROWID;

-- idx packs the subject's blind indexes; all of them are loaded at start.
CREATE TABLE subjects (
  id          BLOB PRIMARY KEY,
  tenant      TEXT NOT NULL,
  alias       BLOB,
  created     INTEGER NOT NULL,
  idx         BLOB,
  identifiers BLOB
) WITHOUT ROWID;
CREATE TABLE data_keys (
  subject BLOB NOT NULL,
  class   TEXT NOT NULL,
  month   TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  PRIMARY KEY (subject, class, month)
) WITHOUT ROWID;
CREATE TABLE facts (
  subject BLOB NOT NULL,
  kind    TEXT NOT NULL,
  key     TEXT NOT NULL,
  tenant  TEXT NOT NULL,
  value   BLOB NOT NULL,
  time    INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  record  BLOB,
  PRIMARY KEY (subject, kind, key, tenant)
) WITHOUT ROWID;

CREATE TABLE deliveries (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  id        BLOB NOT NULL,
  app       TEXT NOT NULL,
  tenant    TEXT NOT NULL,
  subject   BLOB,
  number    TEXT NOT NULL,
  dialect   TEXT NOT NULL,
  month     TEXT NOT NULL,
  not_after INTEGER NOT NULL,
  next_at   INTEGER NOT NULL,
  attempts  INTEGER NOT NULL,
  state     INTEGER NOT NULL,
  last_code INTEGER NOT NULL,
  created   INTEGER NOT NULL,
  ended     INTEGER NOT NULL,
  body      BLOB
);
CREATE UNIQUE INDEX deliveries_id ON deliveries (id, app);
CREATE INDEX deliveries_pending ON deliveries (next_at) WHERE state = 0;
CREATE INDEX deliveries_kept ON deliveries (state, seq) WHERE state <> 1;

CREATE TABLE message_ids (
  admission BLOB PRIMARY KEY,
  tenant    TEXT NOT NULL,
  number    TEXT NOT NULL,
  subject   BLOB,
  hash      BLOB NOT NULL,
  upstream  BLOB,
  month     TEXT NOT NULL,
  time      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX message_ids_hash ON message_ids (hash);
CREATE TABLE idempotency (
  key       BLOB NOT NULL,
  app       TEXT NOT NULL,
  number    TEXT NOT NULL,
  body      BLOB NOT NULL,
  admission BLOB,
  subject   BLOB,
  month     TEXT NOT NULL,
  answer    BLOB,
  time      INTEGER NOT NULL,
  PRIMARY KEY (key, app, number)
) WITHOUT ROWID;
CREATE TABLE seen (
  hash BLOB PRIMARY KEY,
  time INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE settings (
  scope TEXT NOT NULL,
  key   TEXT NOT NULL,
  value BLOB NOT NULL,
  time  INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) WITHOUT ROWID;
INSERT INTO contexts VALUES (1, x'a4bcc3f7da7cc419de8e076eb571ad6c', 1, 'test-chain', 'admission', 'bank', 'loans', '106540352242922', 'app:loans', 'outbound', 'cloud', 'text', 'service', 'allow', 'ok', '', '3f0c6a0f8f5b4c8db4c0bb1f6a0f8f5b', 'standard', '', '');
INSERT INTO contexts VALUES (2, x'c70ce738cc6a82558f92cf32ae939f62', 1, 'test-chain', 'settle', 'bank', 'loans', '106540352242922', 'meta', 'outbound', 'cloud', '', '', 'allow', '', '', '', 'standard', '', 'accepted');
INSERT INTO records VALUES (0, 1, x'01a1a0a302803d2a6e6e0702b67ef6cb', 1793696400000000, NULL, x'5baefb79ba337d9e57effaaa476fed78', 'BR', NULL, 'PERSON_NAME:1', NULL, x'0707070707070707070707070707070707070707070707070707070707070707', 1, NULL, NULL, x'0000000000000000000000000000000000000000000000000000000000000000', x'5d84d3c49c5eb70f6b625f9b7d3bc21c7aa698b7903dfa138380ef0b3efcd361', '{"window":{"until":1762160400,"record":"0193"},"consent":{"marketing":false}}', x'01e60da258e9ff1dc8580791dfb1ed6b5d7ca105c6bdff87dc50056933a4124616c3c9e9d550d653bf5be3b6687d00ff4f4465617220637573746f6d65722c20796f7572206170706f696e746d656e7420697320636f6e6669726d656420666f7220746f6d6f72726f772061742074656e2e', NULL, NULL, NULL, x'0116afa3f234ead1a2d72e1f91ffc7ad57a0705116c810c1648d24ee652e878cfa0841bab408c54ebe6e717d75581f3571aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL);
INSERT INTO records VALUES (1, 2, x'01a1a0a30280f1ba38153791b83895da', 1793696400000000, x'01a1a0a302803d2a6e6e0702b67ef6cb', x'5baefb79ba337d9e57effaaa476fed78', NULL, NULL, NULL, NULL, NULL, NULL, x'09090909090909090909090909090909', 200, x'5d84d3c49c5eb70f6b625f9b7d3bc21c7aa698b7903dfa138380ef0b3efcd361', x'076d658ab676ab4993c6ef59244e235ca150a3a315086a3a915df2bcc77af129', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO state VALUES (1, 'test-chain', 0, 0, 0, 0);
PRAGMA application_id=1349481332;
PRAGMA user_version=1;
COMMIT;
