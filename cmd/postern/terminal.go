package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

var errNoTerminal = usageError{errors.New("no terminal to ask on: name the new passphrase's place with --new, or use --remove")}

// askPassphrase asks twice on the terminal, without showing what is typed.
func (p *program) askPassphrase(ctx context.Context) ([]byte, error) {
	terminal, ok := p.stdin.(*os.File)
	if !ok {
		return nil, errNoTerminal
	}
	restore, err := hush(terminal)
	if err != nil {
		return nil, errNoTerminal
	}
	defer restore()
	defer context.AfterFunc(ctx, restore)() // an interrupt must not leave the terminal mute
	first, err := p.askLine(terminal, "New passphrase: ")
	if err != nil {
		return nil, err
	}
	second, err := p.askLine(terminal, "Again: ")
	defer clear(second)
	if err == nil && !bytes.Equal(first, second) {
		err = errors.New("the two are not the same: nothing was changed, try again")
	}
	if err = cmp.Or(err, ctx.Err()); err != nil {
		clear(first)
		return nil, err
	}
	return first, nil
}

// askLine reads one line, byte by byte: what follows belongs to the next one.
func (p *program) askLine(terminal io.Reader, prompt string) ([]byte, error) {
	if _, err := fmt.Fprint(p.stderr, prompt); err != nil {
		return nil, err
	}
	defer fmt.Fprintln(p.stderr) //nolint:errcheck // the line end that was not shown
	line, one := make([]byte, 0, 2048), make([]byte, 1)
	for len(line) < cap(line) {
		if _, err := io.ReadFull(terminal, one); err != nil {
			clear(line)
			return nil, fmt.Errorf("read passphrase: %w", err)
		}
		if one[0] == '\n' || one[0] == '\r' {
			return line, nil
		}
		line = append(line, one[0])
	}
	clear(line)
	return nil, errors.New("read passphrase: the line is too long")
}
