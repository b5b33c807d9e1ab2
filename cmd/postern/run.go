package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/cmd/internal/boot"
)

// Exit codes. They are part of the interface: scripts branch on them.
const (
	exitOK     = 0
	exitFailed = 1 // not done: refused, or something broke; the reason is on stderr
	exitUsage  = 2 // the command line is wrong
	exitFound  = 3 // a check ran to its end and found something
)

// errFound ends a command whose findings are already printed.
var errFound = errors.New("the check found something")

// usageError marks a wrong command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// program is one run: its streams, its clock and the global flags.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time

	configPath  string
	operatorKey string // path of a file
	json        bool
}

// run does what args say and gives the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now}
	ctx, stop := boot.UntilSignal(ctx)
	defer stop()
	root := newRoot(p)
	root.SetArgs(args)
	asked, err := root.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFound):
		return exitFound
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "postern: %v\nUsage: %s\nSee: %s --help\n", err, asked.UseLine(), asked.CommandPath()) //nolint:errcheck // nowhere left to say it
		return exitUsage
	}
	fmt.Fprintf(stderr, "postern: %v\n", err) //nolint:errcheck // nowhere left to say it
	return exitFailed
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "postern",
		Short: "A compliance gateway for WhatsApp",
		Long: `Postern is the guarded side gate through which a regulated business's
WhatsApp traffic passes: policy decides, personal data is redacted, and the
record is durable before a message moves.

Commands that change something ask the running gateway over its admin
listener, or open the journal themselves when none runs.

Exit codes: 0 done; 1 not done, the reason is on stderr; 2 wrong command line;
3 a check found something. See: postern help exit-codes`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError{flagFault(c, err)} })
	flags := root.PersistentFlags()
	flags.StringVarP(&p.configPath, "config", "c", os.Getenv("POSTERN_CONFIG"), "configuration `FILE` (or POSTERN_CONFIG)")
	flags.StringVar(&p.operatorKey, "operator-key", os.Getenv("POSTERN_OPERATOR_KEY_FILE"), "`FILE` with the operator's key (or POSTERN_OPERATOR_KEY_FILE)")
	flags.BoolVar(&p.json, "json", false, "print JSON for programs")
	root.AddCommand(commands(p)...)
	strict(root)
	return root
}

var badValue = regexp.MustCompile(`^invalid argument .* for "(?:-\w, )?--([a-z0-9-]+)" flag: `)

// flagFault says what a flag takes, in place of what a parser says of a value.
func flagFault(c *cobra.Command, err error) error {
	m := badValue.FindStringSubmatch(err.Error())
	if m == nil || c.Flag(m[1]) == nil {
		return err
	}
	takes := map[string]string{
		"bool": "true or false", "duration": "a duration such as 90s or 24h",
		"int": "a whole number", "int64": "a whole number", "uint": "a whole number from 0", "uint64": "a whole number from 0",
	}[c.Flag(m[1]).Value.Type()]
	if takes == "" {
		return err
	}
	return fmt.Errorf("--%s: write %s", m[1], takes)
}

// strict makes wrong arguments and unknown subcommands usage errors, in every
// command below c.
func strict(c *cobra.Command) {
	args := c.Args
	c.Args = func(c *cobra.Command, given []string) error {
		if args == nil {
			return nil
		}
		if err := args(c, given); err != nil {
			return usageError{argsFault(c, args, given, err)}
		}
		return nil
	}
	for _, sub := range c.Commands() {
		strict(sub)
	}
}

// argsFault says what is wrong with arguments, in place of how many there are.
func argsFault(c *cobra.Command, fit cobra.PositionalArgs, given []string, err error) error {
	meant := strings.Fields(c.Use)[1:]
	switch {
	case c.HasSubCommands():
		return err
	case len(given) == 0 && len(meant) > 0 && strings.ToUpper(meant[0]) == meant[0]:
		return fmt.Errorf("%s is missing", meant[0])
	case len(given) > 0 && fit(c, nil) == nil && fit(c, given[:1]) != nil:
		return fmt.Errorf("%s takes no arguments: what it goes by is written as flags", strings.TrimPrefix(c.CommandPath(), "postern "))
	case len(given) > 1 && fit(c, given[:1]) == nil:
		return fmt.Errorf("one argument is meant, and there are %d: put quotes around what has blanks in it", len(given))
	}
	return err
}

// idOf reads the id of a thing; list is the command that shows such ids.
func idOf(arg, list string) (audit.ID, error) {
	id, err := audit.ParseID(arg)
	if err != nil {
		return id, usageError{fmt.Errorf("%w; see: postern %s", err, list)}
	}
	return id, nil
}

// group is a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return usageError{fmt.Errorf("%s needs a subcommand; see: %s --help", c.CommandPath(), c.CommandPath())}
	}}
	c.AddCommand(subs...)
	return c
}

// config loads the configuration named by flag or environment.
func (p *program) config() (*boot.Config, error) {
	if p.configPath == "" {
		return nil, usageError{errors.New("no configuration named: use --config FILE or set POSTERN_CONFIG")}
	}
	return boot.Load(p.configPath)
}
