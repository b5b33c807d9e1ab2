package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"postern/cmd/internal/boot"
)

// startEngine starts the ClickHouse engine, where one is asked for, over a
// folder of the demo's. It comes before the configuration, which names its
// address.
func (s *Site) startEngine() (*child, error) {
	if s.Engine == "" {
		return nil, nil
	}
	program := filepath.Join(s.Engine, "chdbserver")
	library := filepath.Join(s.Engine, "chdb", "node_modules", "@chdb", "lib-linux-x64-gnu", "libchdb.so")
	for _, path := range []string{program, library} {
		if _, err := os.Stat(path); err != nil {
			return nil, errors.New("the ClickHouse engine is not there: run `make clickhouse` (linux/amd64, npm), or leave CLICKHOUSE=1 out")
		}
	}
	if err := os.MkdirAll(s.path("log"), 0o700); err != nil {
		return nil, fmt.Errorf("make demo folder: %w", err)
	}
	c, err := s.start("clickhouse", []string{program, "-library", library, "-path", s.path("clickhouse")})
	if err != nil {
		return nil, err
	}
	var ready struct{ Address string }
	if err := json.Unmarshal([]byte(c.ready), &ready); err != nil || ready.Address == "" {
		return nil, errors.Join(errors.New("the ClickHouse engine does not say where it listens"), err, c.stop())
	}
	s.clickHouse = ready.Address
	return c, nil
}

// makeTables brings the engine's tables up to date.
func (s *Site) makeTables(ctx context.Context) (err error) {
	if s.clickHouse == "" {
		return nil
	}
	cfg, err := boot.Load(s.config())
	if err != nil {
		return err
	}
	store, err := cfg.ClickHouse.Open(time.Now)
	if err != nil {
		return err
	}
	_, err = store.Migrate(ctx)
	return errors.Join(err, store.Close())
}
