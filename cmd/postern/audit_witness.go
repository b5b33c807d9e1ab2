package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
)

// watcher is one run of audit witness.
type watcher struct {
	state, name, listen string
	logs                []string
}

func newAuditWitness(p *program) *cobra.Command {
	w := watcher{}
	c := &cobra.Command{
		Use:   "witness",
		Short: "Sign other gateways' checkpoints, one history each",
		Long: `Serves C2SP tlog-witness: a gateway that names this witness under
checkpoints.witnesses sends each checkpoint here. It is signed if it is signed by
the gateway's key and continues the last one signed here; a fork is refused.

What was signed is kept in the folder --state, with the witness's own key. Losing
it means beginning with a new key. It speaks plain HTTP: signatures prove
themselves.

A witness that the gateway's own firm runs is no independent one: who holds both
can forget both. Have it run by somebody who would not help you.

Prints one line of JSON with its public key when it listens, and stops on SIGINT
or SIGTERM.`,
		Example: "  postern audit witness --state /var/lib/witness --name witness.example/w1 --listen 127.0.0.1:8500 --log gw.example/1a2b=NAME+HASH+KEY",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.auditWitness(c.Context(), w) },
	}
	f := c.Flags()
	f.StringVar(&w.state, "state", "", "`FOLDER` of the witness's memory and key")
	f.StringVar(&w.name, "name", "", "`NAME` of the witness in its signatures, such as a URL without scheme")
	f.StringVar(&w.listen, "listen", "127.0.0.1:8500", "`ADDRESS` to listen on")
	f.StringArrayVar(&w.logs, "log", nil, "`CHAIN=KEY` to sign for, as the checkpoint's first line and postern audit keys have them (may be repeated)")
	return c
}

func (w watcher) parse() (map[string][]audit.Verifier, error) {
	if w.state == "" || w.name == "" || len(w.logs) == 0 {
		return nil, usageError{errors.New("name --state, --name and at least one --log")}
	}
	logs := map[string][]audit.Verifier{}
	for _, text := range w.logs {
		chain, key, named := strings.Cut(text, "=")
		if !named {
			return nil, usageError{errors.New("--log: want CHAIN=KEY, the first line of a checkpoint and a key of postern audit keys")}
		}
		v, err := audit.ParseVerifier(key)
		if err != nil {
			return nil, usageError{fmt.Errorf("--log: %w", err)}
		}
		logs[chain] = append(logs[chain], v)
	}
	return logs, nil
}

func (p *program) auditWitness(ctx context.Context, w watcher) error {
	logs, err := w.parse()
	if err != nil {
		return err
	}
	witness, err := audit.OpenWitness(w.state, w.name, logs, p.now)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", w.listen)
	if err != nil {
		return fmt.Errorf("listen for gateways: %w", err)
	}
	server := &http.Server{Handler: witness, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	if err := p.emit(map[string]string{"listening": l.Addr().String(), "key": witness.Key()}); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-done:
		return fmt.Errorf("serve gateways: %w", err)
	case <-ctx.Done():
		return server.Shutdown(context.WithoutCancel(ctx))
	}
}
