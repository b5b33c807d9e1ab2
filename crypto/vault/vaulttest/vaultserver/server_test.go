package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
)

// patience bounds every wait.
const patience = time.Minute

// start runs the server as its program does and gives a client of root's.
func start(t *testing.T) (*api.Client, *Ready) {
	t.Helper()
	stdin, parent := io.Pipe()
	out, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(stdin, stdout, os.Stderr)
		stdout.CloseWithError(err) //nolint:errcheck // always nil
		ended <- err
	}()
	t.Cleanup(func() {
		check(t, parent.Close())
		check(t, <-ended)
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	check(t, err)
	ready := &Ready{}
	check(t, json.Unmarshal(line, ready))
	return client(t, ready), ready
}

func client(t *testing.T, ready *Ready) *api.Client {
	t.Helper()
	cfg := api.DefaultConfig()
	check(t, cfg.Error)
	cfg.Address, cfg.MaxRetries = ready.Address, 0
	check(t, cfg.ConfigureTLS(&api.TLSConfig{CACertBytes: []byte(ready.CA)}))
	c, err := api.NewClient(cfg)
	check(t, err)
	c.SetToken(ready.RootToken)
	return c
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write puts data at path and gives what comes back.
func write(t *testing.T, c *api.Client, path string, data map[string]any) map[string]any {
	t.Helper()
	s, err := c.Logical().Write(path, data)
	check(t, err)
	if s == nil {
		return nil
	}
	return s.Data
}

// mount enables an engine under its own name.
func mount(t *testing.T, c *api.Client, engine string, options map[string]string) {
	t.Helper()
	check(t, c.Sys().Mount(engine, &api.MountInput{Type: engine, Options: options}))
}

func TestSealAndUnseal(t *testing.T) {
	c, ready := start(t)
	check(t, c.Sys().Seal())
	if _, err := c.Logical().Read("sys/mounts"); err == nil {
		t.Error("a sealed Vault answers")
	}
	status, err := c.Sys().Unseal(ready.UnsealKey)
	check(t, err)
	if status.Sealed {
		t.Fatal("the key does not unseal it")
	}
	_, err = c.Logical().Read("sys/mounts")
	check(t, err)
}

func TestStrangerIsRefused(t *testing.T) {
	c, ready := start(t)
	c.SetToken("hvs.nobody")
	if _, err := c.Logical().Read("sys/mounts"); err == nil {
		t.Error("an unknown token is let in")
	}
	ready.CA = otherRoot(t)
	if _, err := client(t, ready).Logical().Read("sys/mounts"); err == nil {
		t.Error("another root vouches for the server")
	}
}

// otherRoot is a root that signed nothing here.
func otherRoot(t *testing.T) string {
	t.Helper()
	root, _, err := newCertificates(time.Now())
	check(t, err)
	return string(root)
}

// await repeats what the server refuses until it has set itself up.
func await(t *testing.T, try func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
