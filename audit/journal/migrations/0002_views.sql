-- What an auditor asks. Columns are documented in audit/VIEW.md.
CREATE VIEW audit AS
SELECT r.seq AS seq,
  lower(hex(r.id)) AS id,
  c.kind AS kind,
  r.time AS time,
  strftime('%Y-%m-%d', r.time / 1000000, 'unixepoch') AS day,
  strftime('%Y-%m', r.time / 1000000, 'unixepoch') AS month,
  strftime('%Y-%m-%dT%H', r.time / 1000000, 'unixepoch') AS hour,
  coalesce(lower(hex(r.ref)), '') AS ref,
  c.tenant AS tenant,
  c.app AS app,
  c.number AS number,
  c.actor AS actor,
  coalesce(lower(hex(r.subject)), '') AS subject,
  coalesce(r.country, '') AS country,
  c.direction AS direction,
  c.dialect AS dialect,
  c.type AS type,
  c.category AS category,
  coalesce(r.template, '') AS template,
  c.effect AS effect,
  CASE instr(c.reasons, char(10)) WHEN 0 THEN c.reasons
    ELSE substr(c.reasons, 1, instr(c.reasons, char(10)) - 1) END AS reason,
  replace(c.reasons, char(10), ',') AS reasons,
  replace(c.observed, char(10), ',') AS observed,
  c.revision AS revision,
  coalesce(r.facts, '') AS facts,
  coalesce(r.findings, '') AS findings,
  coalesce(r.changed, 0) AS changed,
  c.result AS result,
  coalesce(r.code, 0) AS code,
  c.retention AS retention,
  replace(c.labels, char(10), ',') AS labels,
  CASE WHEN substr(r.body, 1, 1) = x'01' THEN CAST(substr(r.body, 50) AS TEXT) ELSE '' END AS body,
  CASE WHEN substr(r.detail, 1, 1) = x'01' THEN CAST(substr(r.detail, 50) AS TEXT) ELSE '' END AS detail,
  CASE WHEN x'02' IN (substr(r.body, 1, 1), substr(r.original, 1, 1), substr(r.sent, 1, 1),
    substr(r.input, 1, 1), substr(r.answer, 1, 1), substr(r.detail, 1, 1)) THEN 1 ELSE 0 END AS erased,
  coalesce(lower(hex(r.mac)), '') AS mac,
  coalesce(r.mac_key, 0) AS mac_key,
  coalesce(lower(hex(r.message_id)), '') AS message_id,
  c.chain AS chain,
  c.version AS version,
  lower(hex(r.prev)) AS prev,
  lower(hex(r.leaf)) AS leaf
FROM records r LEFT JOIN contexts c ON c.id = r.context
WHERE r.seq >= 0;

-- Counted up to state.counted, plus the few records since, so it is always exact.
CREATE VIEW audit_counts AS
SELECT day, tenant, kind, effect, reason, sum(n) AS count FROM (
  SELECT day, tenant, kind, effect, reason, n FROM counts
  UNION ALL
  SELECT strftime('%Y-%m-%d', r.time / 1000000, 'unixepoch'), c.tenant, c.kind, c.effect,
    CASE instr(c.reasons, char(10)) WHEN 0 THEN c.reasons
      ELSE substr(c.reasons, 1, instr(c.reasons, char(10)) - 1) END, 1
  FROM records r JOIN contexts c ON c.id = r.context
  WHERE r.seq >= (SELECT counted FROM state)
) GROUP BY day, tenant, kind, effect, reason;
