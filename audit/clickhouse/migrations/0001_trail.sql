-- One row per record, but for its sealed parts. Rows are identified by (chain,
-- seq). A partition is a retention class and a month, so that a purge of both
-- is DROP PARTITION. leaf_input is the canonical leaf (FORMAT.md, section 3):
-- every other column is derived from it, or is a part it commits to. It is mostly
-- hashes in hexadecimal, which ZSTD(1) packs better than ZSTD(3), and sooner.
CREATE TABLE IF NOT EXISTS {{.Local "records"}}{{.OnCluster}} (
  chain       LowCardinality(String),
  seq         Int64 CODEC(Delta, ZSTD(3)),
  id          FixedString(16) CODEC(NONE),
  class       LowCardinality(String),
  kind        LowCardinality(String),
  time        Int64 CODEC(Delta, ZSTD(3)),
  ref         FixedString(16) CODEC(ZSTD(1)),
  tenant      LowCardinality(String),
  app         LowCardinality(String),
  number      LowCardinality(String),
  actor       LowCardinality(String),
  subject     FixedString(16) CODEC(ZSTD(1)),
  country     LowCardinality(String),
  direction   LowCardinality(String),
  dialect     LowCardinality(String),
  type        LowCardinality(String),
  category    LowCardinality(String),
  template    LowCardinality(String),
  effect      LowCardinality(String),
  reason      LowCardinality(String),
  reasons     LowCardinality(String),
  observed    LowCardinality(String),
  revision    LowCardinality(String),
  findings    LowCardinality(String),
  changed     UInt8,
  result      LowCardinality(String),
  code        Int64 CODEC(ZSTD(1)),
  retention   LowCardinality(String),
  labels      LowCardinality(String),
  message_id  String CODEC(ZSTD(1)),
  body        String CODEC(ZSTD(3)),
  body_salt   String CODEC(ZSTD(1)),
  detail      String CODEC(ZSTD(3)),
  detail_salt String CODEC(ZSTD(1)),
  input       String CODEC(ZSTD(3)),
  input_salt  String CODEC(ZSTD(1)),
  erased      UInt8,
  leaf_input  String CODEC(ZSTD(1)),
  ts          DateTime64(6, 'UTC') ALIAS fromUnixTimestamp64Micro(time, 'UTC'),
  INDEX by_seq seq TYPE minmax GRANULARITY 1,
  INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_ref ref TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_subject subject TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_message message_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_word body TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(body))
)
ENGINE = {{.Engine "records"}}
PARTITION BY (class, toYYYYMM(fromUnixTimestamp64Micro(time, 'UTC')))
ORDER BY (tenant, kind, toStartOfHour(fromUnixTimestamp64Micro(time, 'UTC')), subject, seq)
SETTINGS {{.Settings}};

{{.Distributed "records" "sipHash64(tenant)"}}

-- Rows that a legal hold kept when their partition was dropped.
CREATE TABLE IF NOT EXISTS {{.Local "held"}}{{.OnCluster}} AS {{.Local "records"}}
ENGINE = {{.Engine "held"}}
PARTITION BY (class, toYYYYMM(fromUnixTimestamp64Micro(time, 'UTC')))
ORDER BY (tenant, kind, toStartOfHour(fromUnixTimestamp64Micro(time, 'UTC')), subject, seq)
SETTINGS {{.Settings}};

{{.Distributed "held" "sipHash64(tenant)"}}

-- The leaf hash of every record, for ever: roots stay computable after purges.
CREATE TABLE IF NOT EXISTS {{.Local "leaves"}}{{.OnCluster}} (
  chain LowCardinality(String),
  seq   Int64 CODEC(Delta, ZSTD(3)),
  leaf  FixedString(32) CODEC(NONE)
)
ENGINE = {{.Engine "leaves"}}
ORDER BY (chain, seq)
SETTINGS {{.Settings}};

{{.Distributed "leaves" "sipHash64(chain)"}}

-- What stays of purged records beside their leaves.
CREATE TABLE IF NOT EXISTS {{.Local "purged"}}{{.OnCluster}} (
  chain LowCardinality(String),
  seq   Int64 CODEC(Delta, ZSTD(3)),
  id    FixedString(16) CODEC(NONE),
  prev  FixedString(32) CODEC(NONE),
  leaf  FixedString(32) CODEC(NONE)
)
ENGINE = {{.Engine "purged"}}
ORDER BY (chain, seq)
SETTINGS {{.Settings}};

{{.Distributed "purged" "sipHash64(chain)"}}

-- Daily counts by batch; until is the record after the batch. They stay when
-- records are purged, as in the embedded store.
CREATE TABLE IF NOT EXISTS {{.Local "counts"}}{{.OnCluster}} (
  chain  LowCardinality(String),
  until  Int64 CODEC(Delta, ZSTD(3)),
  day    LowCardinality(String),
  tenant LowCardinality(String),
  kind   LowCardinality(String),
  effect LowCardinality(String),
  reason LowCardinality(String),
  n      Int64 CODEC(ZSTD(1))
)
ENGINE = {{.Engine "counts"}}
ORDER BY (day, tenant, kind, effect, reason, until)
SETTINGS {{.Settings}};

{{.Distributed "counts" "sipHash64(chain)"}}
