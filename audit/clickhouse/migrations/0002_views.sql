-- What an auditor asks. Columns are those of audit/VIEW.md, on every store.
CREATE OR REPLACE VIEW {{.Name "audit"}}{{.OnCluster}} AS
SELECT seq,
  lower(hex(id)) AS id,
  kind,
  time,
  formatDateTime(fromUnixTimestamp64Micro(time, 'UTC'), '%Y-%m-%d') AS day,
  formatDateTime(fromUnixTimestamp64Micro(time, 'UTC'), '%Y-%m') AS month,
  formatDateTime(fromUnixTimestamp64Micro(time, 'UTC'), '%Y-%m-%dT%H') AS hour,
  if(ref = toFixedString('', 16), '', lower(hex(ref))) AS ref,
  tenant, app, number, actor,
  if(subject = toFixedString('', 16), '', lower(hex(subject))) AS subject,
  country, direction, dialect, type, category, template, effect, reason, reasons, observed, revision,
  JSONExtractString(leaf_input, 'facts') AS facts,
  findings, changed, result, code, retention, labels, body, detail, erased,
  JSONExtractString(leaf_input, 'mac') AS mac,
  JSONExtractInt(leaf_input, 'mac_key') AS mac_key,
  lower(hex(message_id)) AS message_id,
  chain,
  JSONExtractInt(leaf_input, 'version') AS version,
  JSONExtractString(leaf_input, 'prev') AS prev,
  lower(hex(SHA256(concat('\0', leaf_input)))) AS leaf
FROM (SELECT * FROM {{.Name "records"}} UNION ALL SELECT * FROM {{.Name "held"}})
UNION ALL
SELECT seq, lower(hex(id)), 'purged', 0, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 0, '', 0, '', '', '', '', 1, '', 0, '',
  chain, 1, lower(hex(prev)), lower(hex(leaf))
FROM {{.Name "purged"}};

CREATE OR REPLACE VIEW {{.Name "audit_counts"}}{{.OnCluster}} AS
SELECT day, tenant, kind, effect, reason, sum(n) AS count
FROM {{.Name "counts"}}
GROUP BY day, tenant, kind, effect, reason;
