package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"postern/audit/clickhouse"
)

// Where `make clickhouse` puts the engine, from the project's top folder.
const (
	engineProgram = ".cache/chdbserver"
	engineLibrary = ".cache/chdb/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
	benchDatabase = "bench"
)

// engine is a ClickHouse of the bench's own, a process that ends with it.
type engine struct {
	address string
	process *exec.Cmd
	stdin   io.Closer
}

func startEngine(ctx context.Context, dir string) (*engine, error) {
	top, err := topFolder()
	if err != nil {
		return nil, err
	}
	program, library := filepath.Join(top, engineProgram), filepath.Join(top, engineLibrary)
	c := exec.CommandContext(ctx, program, "-library", library, "-path", filepath.Join(dir, "clickhouse"), "-until-eof") //nolint:gosec // built here
	stdin, err := c.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start engine, which `make clickhouse` builds: %w", err)
	}
	e := &engine{process: c, stdin: stdin}
	var ready struct{ Address string }
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wait for engine: %w", err), e.stop())
	}
	e.address = ready.Address
	return e, nil
}

// topFolder is the project's, of which the harness is started in some folder.
func topFolder() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if module, _ := os.ReadFile(filepath.Join(dir, "go.mod")); strings.HasPrefix(string(module), "module postern\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			err = errors.New("run it within the project")
		}
		dir = filepath.Dir(dir)
	}
	return "", fmt.Errorf("find the project's top folder: %w", err)
}

func (e *engine) stop() error { return errors.Join(e.stdin.Close(), e.process.Wait()) }

// open makes the schema, as postern clickhouse migrate does.
func (e *engine) open(ctx context.Context) (*clickhouse.Store, error) {
	if _, err := e.ask(ctx, "CREATE DATABASE "+benchDatabase); err != nil {
		return nil, err
	}
	s, err := clickhouse.Open(e.config())
	if err != nil {
		return nil, err
	}
	if _, err := s.Migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// config sends without compression: within one machine it only takes processor time.
func (e *engine) config() clickhouse.Config {
	return clickhouse.Config{Endpoints: []string{e.address}, Database: benchDatabase, Chain: trailChain, Now: time.Now}
}

// ask is one question over the plain interface.
func (e *engine) ask(ctx context.Context, question string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+e.address, strings.NewReader(question))
	if err != nil {
		return "", fmt.Errorf("ask the engine: %w", err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", fmt.Errorf("ask the engine: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("it refused with %d", answer.StatusCode)
	}
	if err != nil {
		return "", fmt.Errorf("ask the engine: %w", err)
	}
	return string(body), nil
}
