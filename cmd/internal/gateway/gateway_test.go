package gateway_test

import (
	"database/sql"
	"encoding/base64"
	"path/filepath"
	"testing"

	"postern/cmd/internal/rig"
)

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// stored asks the journal's own tables, which no question of an auditor can.
func stored(t *testing.T, r *rig.Rig, question string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.Dir, "data", "journal.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var answer string
	if err := db.QueryRowContext(t.Context(), question).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}
