-- The user sees the rows of one tenant only. Restrictive policies are ANDed, so
-- that no other policy widens them; the permissive ones beside them leave
-- everybody else's rows as they were.
CREATE ROW POLICY IF NOT EXISTS {{.Policy "only"}}{{.OnCluster}} ON {{.Local "records"}}, {{.Local "held"}}, {{.Local "counts"}}
  FOR SELECT USING tenant = {{.Tenant}} AS RESTRICTIVE TO {{.User}};

CREATE ROW POLICY IF NOT EXISTS postern_rows{{.OnCluster}} ON {{.Local "records"}}, {{.Local "held"}}, {{.Local "counts"}}
  FOR SELECT USING 1 AS PERMISSIVE TO ALL;
