-- A batch makes a part of some 10 MB in each partition that it touches. With a file for
-- each column that was 170 files a part, each synced: half of what an insert
-- took. Parts get files of their own for columns when merges have made them large.
ALTER TABLE {{.Local "records"}}{{.OnCluster}} MODIFY SETTING min_bytes_for_wide_part = 134217728;
