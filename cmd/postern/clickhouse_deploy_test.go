package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
)

func deployed(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../deploy/clickhouse/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestClickHouseDeploy walks the way of deploy/clickhouse: its commands run in
// their order, its statements and files are read.
func TestClickHouseDeploy(t *testing.T) {
	p, e := newPlace(t, "127.0.0.1:1"), chtest.Start(t)
	p.write("postern.yaml", strings.Replace(configText, "%q", "127.0.0.1:1", 1)+
		"clickhouse: {endpoints: [\""+e.Addr+"\"], tls: false, database: "+e.Database(t)+", read_user: postern_read}\n")
	commands := 0
	for line := range strings.Lines(deployed(t, "README.md")) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != "postern" {
			continue
		}
		if code, _, stderr := command(words[1:]...); code != exitOK {
			t.Errorf("%s: %d %s", strings.TrimSpace(line), code, stderr)
		}
		commands++
	}
	if commands != 6 {
		t.Errorf("%d commands were found", commands)
	}

	bare := regexp.MustCompile(`(?m)^--.*$`).ReplaceAllString(deployed(t, "users.sql"), "")
	statements := 0
	for text := range strings.SplitSeq(bare, ";") {
		if text = strings.TrimSpace(text); text != "" {
			e.Query(t, "SELECT formatQuery('"+strings.ReplaceAll(text, "'", "\\'")+"')")
			statements++
		}
	}
	if statements < 10 {
		t.Errorf("%d statements were found", statements)
	}

	for d := xml.NewDecoder(strings.NewReader(deployed(t, "postern.xml"))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestClickHouseMigratorMay: who migrates is granted what the migrations do.
func TestClickHouseMigratorMay(t *testing.T) {
	_, granted, _ := strings.Cut(deployed(t, "users.sql"), "CREATE ROLE IF NOT EXISTS postern_migrate;")
	granted, _, _ = strings.Cut(granted, " ON postern.* TO postern_migrate;")
	needs := map[string]string{"CREATE TABLE": "CREATE TABLE", "CREATE OR REPLACE VIEW": "CREATE VIEW, DROP VIEW", "ALTER TABLE MODIFY SETTING": "ALTER SETTINGS"}
	files, err := filepath.Glob("../../audit/clickhouse/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^(CREATE TABLE|CREATE OR REPLACE VIEW|ALTER TABLE)(?:.* (MODIFY \w+))?`).FindAllStringSubmatch(string(text), -1) {
			does := strings.TrimSpace(m[1] + " " + m[2])
			if need := needs[does]; need == "" || !strings.Contains(granted, need) {
				t.Errorf("%s: %s is not granted", filepath.Base(file), does)
			}
		}
	}
}
