package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

func newEncryptionCommand(p *program) *cobra.Command {
	return group("encryption", "Exchange the keys of Meta's encrypted messages API", newEncryptionEnable(p), newEncryptionStatus(p))
}

func newEncryptionEnable(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "enable PHONE_NUMBER_ID",
		Short: "Give Meta the number's public key and keep Meta's",
		Long: `Exchanges keys for a number that has encryption: in the configuration, by way of
the running gateway. Meta must confirm the very key, else nothing is kept.

From the reload that brings the key on, the number sends encrypted or not at
all: until keys are exchanged its messages are answered as not sent. To replace
the key: keep the old one as key_previous, reload, enable, and take it out once
the status is ready. If Meta replaced its own key, enable again.`,
		Example: "  postern encryption enable 106540352242922",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			e, err := ask[admin.Encryption](c.Context(), p, "encryption.enable", admin.Number{Number: args[0]})
			if err != nil {
				return err
			}
			return p.result(e, func() error { return p.encryption(e) })
		},
	}
}

func newEncryptionStatus(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "status PHONE_NUMBER_ID",
		Short: "Hold the number's keys against those that Meta shows",
		Long: `Asks Meta, by way of the running gateway, and says whether both sides hold the
same two keys. Fingerprints are SHA-256 of the public keys.`,
		Example: "  postern encryption status 106540352242922 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			e, err := ask[admin.Encryption](c.Context(), p, "encryption.status", admin.Number{Number: args[0]})
			if err != nil {
				return err
			}
			return p.result(e, func() error { return p.encryption(e) })
		},
	}
}

// encryptionWords say what a state means and what to do.
var encryptionWords = map[admin.EncryptionState]string{
	admin.EncryptionReady:        "messages leave encrypted and answers can be read",
	admin.EncryptionOff:          "messages leave inside TLS, without payload encryption",
	admin.EncryptionNotExchanged: "nothing is sent until keys are exchanged: postern encryption enable",
	admin.EncryptionOnlyUpstream: "Meta expects encryption, the configuration has none: messages leave inside TLS alone",
	admin.EncryptionDisabled:     "Meta has it switched off: postern encryption enable",
	admin.EncryptionOwnDiffers:   "Meta holds another key of ours: postern encryption enable",
	admin.EncryptionCloudDiffers: "Meta has another key of its own by now: postern encryption enable",
	admin.EncryptionUnreadable:   "the private key can not be read: postern config check",
}

func (p *program) encryption(e admin.Encryption) error {
	since := "never"
	if e.Since != 0 {
		since = date(e.Since)
	}
	rows := [][]string{
		{"our key", e.Own}, {"our key at Meta", strings.TrimPrefix(e.OwnAtMeta, "SHA256:")}, {"Meta's key in use", e.Cloud}, {"Meta's key now", e.CloudNow}, {"exchanged", since},
	}
	return errors.Join(p.say("Number %s is %s: %s.", e.Number, e.State, encryptionWords[e.State]), table(p.stdout, []string{"WHAT", "VALUE"}, rows))
}
