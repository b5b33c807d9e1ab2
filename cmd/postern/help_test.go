package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// leaves are all commands that do something.
func leaves(c *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, sub := range c.Commands() {
		if sub.HasSubCommands() {
			out = append(out, leaves(sub)...)
		} else if sub.Runnable() {
			out = append(out, sub)
		}
	}
	return out
}

// TestEveryCommandHasAnExampleThatFits reads each example as a shell would and
// holds it against the commands and flags there are.
func TestEveryCommandHasAnExampleThatFits(t *testing.T) {
	all := leaves(newRoot(&program{}))
	if len(all) < 25 {
		t.Fatalf("only %d commands", len(all))
	}
	for _, c := range all {
		path := c.CommandPath()
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short help %q", path, c.Short)
		}
		mine := false
		for line := range strings.Lines(c.Example) {
			for _, args := range calls(line) {
				named := checkExample(t, path, args)
				mine = mine || named == path
			}
			mine = mine || strings.HasPrefix(strings.TrimSpace(line), "make ")
		}
		if !mine {
			t.Errorf("%s has no example of itself", path)
		}
	}
}

var (
	quoted   = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	redirect = regexp.MustCompile(`[<>].*`)
)

// calls are the arguments of each call of postern in a line of shell.
func calls(line string) [][]string {
	line = quoted.ReplaceAllString(line, "text")
	line, _, _ = strings.Cut(line, "#")
	var out [][]string
	for _, part := range strings.FieldsFunc(line, func(r rune) bool { return r == '|' || r == '&' || r == ';' }) {
		words := strings.Fields(redirect.ReplaceAllString(part, ""))
		if len(words) > 0 && words[0] == "postern" {
			out = append(out, words[1:])
		}
	}
	return out
}

// checkExample finds the command that the arguments name and reads its flags.
func checkExample(t *testing.T, path string, args []string) string {
	t.Helper()
	c, rest, err := newRoot(&program{}).Find(args)
	if err != nil {
		t.Errorf("example of %s: %v: %v", path, args, err)
		return ""
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("example of %s: %v: %v", path, args, err)
		return ""
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		t.Errorf("example of %s: %v: %v", path, args, err)
	}
	return c.CommandPath()
}

// TestExitCodesAreDocumented holds the topic against the constants.
func TestExitCodesAreDocumented(t *testing.T) {
	code, out, _ := command("help", "exit-codes")
	if code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	for n, words := range map[int]string{exitOK: "done", exitFailed: "not done", exitUsage: "command line", exitFound: "found something"} {
		if !regexp.MustCompile(`(?m)^ *` + string(rune('0'+n)) + ` .*` + words).MatchString(out) {
			t.Errorf("code %d is not explained in:\n%s", n, out)
		}
	}
}
