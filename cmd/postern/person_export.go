package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
	"postern/retention"
)

func newSubjectExport(p *program) *cobra.Command {
	var in admin.SubjectExport
	var out string
	c := &cobra.Command{
		Use:   "export PERSON --out FILE",
		Short: "Write what is known of a person, for that person",
		Long: personArg + `

Writes a ZIP file: JSON, the same as one page that runs nothing, files, and a signed
manifest with the hashes of all. In it are identifiers, consents and opt-outs,
messages both ways (as they were sent where the original is kept, else redacted),
the files of those messages that are kept here, the decisions about them in words,
where data went and how long it is kept. Legal holds, labels and the names of those
who work here are not, nor files that somebody else sent, and other people's data in
messages is redacted; what is in a file is given as it is. A file that does not open
is named. How much it is is said first. If it breaks off, the request stays open.

It answers an open request for access, which another operator put on record
("postern subject request"). It opens what is kept sealed, so it needs role reveal
and counts as one opening (reveal.per_hour). If the number changed hands it begins
there, unless --proven-since says from when on it is proved to be this person's;
that word is on record.`,
		Example: "  postern subject export +4915112345678 --out lena.zip\n  postern subject export - --proven-since 2026-03-01 --out lena.zip < number.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" {
				return usageError{errors.New("name the file with --out, such as: --out person.zip")}
			}
			if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) { // before anything is opened and on record
				return usageError{errors.New("the file of --out is there, or can not be looked at; name another one")}
			}
			var err error
			if in.Who, err = p.who(args[0], in.Tenant); err != nil {
				return err
			}
			got, err := p.exportTo(c.Context(), out, in)
			if err != nil {
				return err
			}
			return p.result(got, func() error { return p.exported(out, &got) })
		},
	}
	tenantFlag(c, &in.Tenant)
	c.Flags().StringVar(&out, "out", "", "`FILE` to write, which is not there yet")
	c.Flags().StringVar(&in.Since, "proven-since", "", "`DAY` or RFC 3339 time from which on the number is proved to be this person's")
	return c
}

// exportTo writes the file, which only its owner reads. What broke off is taken
// away.
func (p *program) exportTo(ctx context.Context, name string, in admin.SubjectExport) (got admin.SubjectExported, err error) {
	var f *os.File
	err = handed(ctx, p, "subject.export", in, func(answer admin.SubjectExported) (io.Writer, error) {
		got = answer
		if err := p.note("%d messages and %d files of %d bytes", got.Messages, got.Files, got.Bytes); err != nil {
			return nil, err
		}
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names it
		return f, err
	})
	if f != nil {
		err = errors.Join(err, f.Sync(), f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return got, err
}

func (p *program) exported(file string, e *admin.SubjectExported) error {
	err := p.say("%s: %d messages and %d files of subject %s of %s.", file, e.Messages, e.Files, e.Subject, e.Tenant)
	if e.From != "" {
		err = errors.Join(err, p.say("It begins %s: before that the number may have been somebody else's.", e.From))
	}
	return errors.Join(err, p.say("Request %s is answered with it; record %s says who was given it.", e.Request, e.Record))
}

func newSubjectVerify(p *program) *cobra.Command {
	var keys []string
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check the file of an export without store or network",
		Long: `Checks that the manifest is signed by a checkpoint key and that the file holds what
it names, whole, and nothing else. Without --key the keys are those of the
configured keystore. Exits 3 if the file does not hold.`,
		Example: "  postern subject verify lena.zip\n  postern subject verify lena.zip --key \"$(cat checkpoint.pub)\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			pinned, err := p.receiptKeys(keys)
			if err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return fmt.Errorf("open export: %w", err)
			}
			defer f.Close() //nolint:errcheck // read only
			info, err := f.Stat()
			if err != nil {
				return fmt.Errorf("open export: %w", err)
			}
			got, err := retention.VerifyExport(f, info.Size(), pinned...)
			if err != nil {
				return errors.Join(p.say("%v", err), errFound)
			}
			return p.result(got, func() error {
				return p.say("The export of subject %s, made %s for request %s, is whole and signed.", got.Subject, got.Made, got.Request)
			})
		},
	}
	c.Flags().StringArrayVar(&keys, "key", nil, "public checkpoint `KEY`; may be repeated")
	return c
}
