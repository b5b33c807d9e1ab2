package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
	"postern/crypto/flows"
)

func newFlowsCommand(p *program) *cobra.Command {
	key := group("key", "Make, upload and check the key of a number's flows", newFlowsKeyCreate(p), newFlowsKeyNew(p), newFlowsKeyUpload(p), newFlowsKeyCheck(p), newFlowsKeyRetire(p))
	return group("flows", "Keys of WhatsApp Flows", key)
}

func newFlowsKeyCreate(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "create FILE",
		Short: "Make a private key in a new file",
		Long: `Makes an RSA key of 2048 bits, the kind that Meta takes, and writes it to a file
that only you can read. An existing file is left as it is.

A number with key: keystore in the configuration needs no file: see flows key new.

To replace a key: name the old file under key_previous and the new one under
key, reload, upload. Take key_previous out when the check says "current" and
the last flow that was open is over.`,
		Example: "  postern flows key create secrets/flow-key",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := writeFlowKey(args[0]); err != nil {
				return err
			}
			return p.result(map[string]string{"file": args[0]}, func() error {
				return p.say("The key is in %s. Name it in the configuration beside the number's id, as flow: {key: file:PATH, endpoint: {url: URL, secret: SECRET}}; reload; then: postern flows key upload ID", args[0])
			})
		},
	}
}

// writeFlowKey never replaces a file: a key that is gone opens nothing.
func writeFlowKey(path string) error {
	key, err := flows.NewKey()
	if err != nil {
		return err
	}
	text, err := key.Private()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return fmt.Errorf("make key file: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func newFlowsKeyNew(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "new PHONE_NUMBER_ID",
		Short: "Make a key in the keystore, for a number with key: keystore",
		Long: `Makes an RSA key of 2048 bits by way of the running gateway, sealed in its store
under the keystore's purpose "secret" and in no file. The key before goes on
opening requests as the previous one: upload the new key, and retire the previous
one when the last flow that was open is over.`,
		Example: "  postern flows key new 106540352242922",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := ask[admin.FlowKeyMade](c.Context(), p, "flows.new", admin.Number{Number: args[0]})
			if err != nil {
				return err
			}
			return p.result(k, func() error {
				return p.say("Number %s has a new key. Give it to Meta with: postern flows key upload %s", k.Number, k.Number)
			})
		},
	}
}

func newFlowsKeyRetire(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "retire PHONE_NUMBER_ID",
		Short: "Destroy the previous key in the keystore",
		Long: `Destroys the previous key of a number with key: keystore, once Meta has the
current one. Flows that are open under the previous key fetch the new one by
themselves.`,
		Example: "  postern flows key retire 106540352242922",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := ask[admin.FlowKeyMade](c.Context(), p, "flows.retire", admin.Number{Number: args[0]})
			if err != nil {
				return err
			}
			return p.result(k, func() error { return p.say("Number %s has its current key alone.", k.Number) })
		},
	}
}

func newFlowsKeyUpload(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "upload PHONE_NUMBER_ID",
		Short: "Give Meta the public half of the number's key",
		Long: `Uploads the public half of the configured key by way of the running gateway,
and looks at what Meta has then. To be done after each new key, after a number
was registered again, and when Meta says that the key is missing.`,
		Example: "  postern flows key upload 106540352242922",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := ask[admin.FlowKey](c.Context(), p, "flows.upload", admin.Number{Number: args[0]})
			if err != nil {
				return err
			}
			return p.flowKey(k)
		},
	}
}

func newFlowsKeyCheck(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check PHONE_NUMBER_ID",
		Short: "Hold the number's key against the one that Meta has",
		Long: `Asks Meta by way of the running gateway. Exits 0 if flows work with the keys
there are, 3 if they do not.`,
		Example: "  postern flows key check 106540352242922 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := ask[admin.FlowKey](c.Context(), p, "flows.check", admin.Number{Number: args[0]})
			if err != nil {
				return err
			}
			return p.flowKey(k)
		},
	}
}

// flowKeyWords say what a state means and what to do.
var flowKeyWords = map[admin.FlowKeyState]string{
	admin.FlowKeyCurrent:  "Meta has the current key",
	admin.FlowKeyPrevious: "Meta has the previous key; upload the current one",
	admin.FlowKeyOther:    "Meta has a key that is not in the configuration; upload the current one",
	admin.FlowKeyMissing:  "Meta has no key; upload the current one",
	admin.FlowKeyUnsigned: "Meta has the key and takes its signature for invalid; upload it again",
}

func (p *program) flowKey(k admin.FlowKey) error {
	err := p.result(k, func() error { return p.say("Number %s: %s.", k.Number, flowKeyWords[k.State]) })
	if err == nil && k.State != admin.FlowKeyCurrent && k.State != admin.FlowKeyPrevious {
		return errFound
	}
	return err
}
