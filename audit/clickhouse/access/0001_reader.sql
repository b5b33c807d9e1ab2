-- Who asks the trail: reads the views and the tables under them, within limits
-- that the user may narrow and not widen, and changes nothing. A serialized plan
-- would pass the row policies of a shard by (ClickHouse issue 112891).
CREATE SETTINGS PROFILE IF NOT EXISTS postern_reader{{.OnCluster}} SETTINGS
  max_execution_time = 30 MAX 300,
  max_memory_usage = 2147483648 MAX 8589934592,
  max_rows_to_read = 1000000000 MAX 10000000000,
  max_result_rows = 1000001 MAX 1000001,
  serialize_query_plan = 0 CONST,
  readonly = 2 CONST;

CREATE ROLE IF NOT EXISTS postern_reader{{.OnCluster}} SETTINGS PROFILE 'postern_reader';

GRANT{{.OnCluster}} SELECT ON {{.Name "audit"}} TO postern_reader;
GRANT{{.OnCluster}} SELECT ON {{.Name "audit_counts"}} TO postern_reader;
{{range .Tables}}GRANT{{$.OnCluster}} SELECT ON {{.}} TO postern_reader;
{{end}}{{range .Leaves}}GRANT{{$.OnCluster}} SELECT(chain, seq) ON {{.}} TO postern_reader;
{{end}}
CREATE QUOTA IF NOT EXISTS postern_reader{{.OnCluster}} KEYED BY user_name FOR INTERVAL 1 hour MAX queries = 2000, execution_time = 3600 TO postern_reader;

GRANT{{.OnCluster}} postern_reader TO {{.User}};
ALTER USER {{.User}}{{.OnCluster}} DEFAULT ROLE postern_reader;
