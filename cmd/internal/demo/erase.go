package demo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// stored reports whether a file of the journal holds one of the words. They are
// looked for one by one: a page may end inside one of them.
func (t *talk) stored(words ...string) (bool, error) {
	files, err := filepath.Glob(t.path("data", "journal.db*"))
	if err != nil || len(files) == 0 {
		return false, errNot("the journal's files", fmt.Sprint(files, err))
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return false, fmt.Errorf("read journal: %w", err)
		}
		for _, word := range words {
			if bytes.Contains(raw, []byte(word)) {
				return true, nil
			}
		}
	}
	return false, nil
}

// forget erases the person of the first receipt.
func (r *renewal) forget(ctx context.Context) (string, error) {
	if there, err := r.stored(onceWords...); err != nil || !there {
		return "", errNot("the message's recorded text in the store", fmt.Sprint(there, err))
	}
	told, err := r.done(ctx, "subject", "erase", "+"+consented, "--reason", "request", "--yes")
	if err != nil {
		return "", err
	}
	if there, err := r.stored(onceWords...); err != nil || there {
		return "", errNot("the text to be in no file of the store", fmt.Sprint(there, err))
	}
	return told, nil
}

// forgotten looks for the person, whose record is still proved.
func (r *renewal) forgotten(ctx context.Context) (string, error) {
	out, code, err := r.postern(ctx, "subject", "show", "+"+consented)
	if err != nil || code == 0 {
		return "", errNot("nobody under the number", fmt.Sprint(out, err))
	}
	shown, err := r.done(ctx, "audit", "show", r.receipt)
	if err != nil || strings.Contains(shown, onceText) || !strings.Contains(shown, "erased") {
		return "", errNot("the record without its text", fmt.Sprint(shown, err))
	}
	if _, err := r.done(ctx, "audit", "verify", "--receipt", r.path("receipt-"+r.receipt+".json"), "--key", r.key); err != nil {
		return "", err
	}
	return "nobody is found under the number, the record stands without its text, and its receipt holds", nil
}

// verifyErased expects the trail to be sound and to tell erased from missing.
func (r *renewal) verifyErased(ctx context.Context) (string, error) {
	out, err := r.verify(ctx)
	if err == nil && strings.Contains(out, " 0 parts erased") {
		err = errNot("erased parts", out)
	}
	return out, err
}
