package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy/pii/pack"
)

// redactPacks reads the packs named, over those that the configured policy uses.
func (p *program) redactPacks(names []string) (out admin.RedactPacks, err error) {
	dir, err := p.policyDir(nil)
	if err != nil {
		return out, err
	}
	layers, err := boot.PolicyLayers(dir)
	if err != nil {
		return out, err
	}
	engine, err := p.engine(context.Background(), dir)
	if err != nil {
		return out, err
	}
	files, err := pack.Read(layers...)
	if err != nil {
		return out, err
	}
	own := engine.Settings().PersonalData
	out = admin.RedactPacks{Packs: append([]string{}, own.Packs...), Lexicons: own.Lexicons, Record: own.Record, Files: map[string]string{}}
	for _, name := range names {
		if strings.HasSuffix(name, ".yaml") {
			if err := packFile(files, name); err != nil {
				return out, err
			}
			name = strings.TrimSuffix(filepath.Base(name), ".yaml")
		}
		out.Packs = append(out.Packs, name)
	}
	for name, text := range files {
		out.Files[name] = string(text)
	}
	return out, nil
}

// packFile adds a pack with the lists beside it, in place of those of their names.
func packFile(files map[string][]byte, name string) error {
	lists, err := filepath.Glob(filepath.Join(filepath.Dir(name), "*.txt"))
	if err != nil {
		return fmt.Errorf("look for lists: %w", err)
	}
	for _, file := range append(lists, name) {
		at := pack.Packs + filepath.Base(file)
		if !pack.Ours(at) {
			continue
		}
		if files[at], err = os.ReadFile(file); err != nil {
			return fmt.Errorf("read pack: %w", err)
		}
	}
	return nil
}

func (p *program) redacted(out *admin.Redacting) error {
	var found, kept [][]string
	for _, f := range out.Found {
		what := f.Type
		if f.Entity != "" && f.Entity != f.Type {
			what += " (" + f.Entity + ")"
		}
		found = append(found, []string{what, f.Class, f.Day, strconv.FormatInt(f.Records, 10)})
	}
	for _, k := range out.KeptBy {
		kept = append(kept, []string{k.By, k.Name, strconv.FormatInt(k.Records, 10)})
	}
	var errs []error
	if len(found) > 0 {
		errs = append(errs, table(p.stdout, []string{"TYPE", "CLASS", "DAY", "RECORDS"}, found), p.say(""))
	}
	if len(kept) > 0 {
		errs = append(errs, p.say("Of them have to stay as they are:"), table(p.stdout, []string{"BY", "NAME", "RECORDS"}, kept), p.say(""))
	}
	errs = append(errs, p.say("%d of %d bodies would change, by packs of revision %.12s; %d of them have to stay.",
		out.Records, out.Bodies, out.Revision, out.Kept))
	if out.Originals > 0 {
		errs = append(errs, p.say("%d of them have their original kept sealed beside it.", out.Originals))
	}
	if out.Original == string(pack.EraseOriginal) && out.Originals > 0 {
		errs = append(errs, p.say("The packs let originals go with the body; %d of them stay by a clause of a law.", out.OriginalsKept))
	}
	if out.Superseded > 0 {
		errs = append(errs, p.say("%d bodies more were revised and are still there, since that was interrupted: go on with it, or redact again.", out.Superseded))
	}
	return errors.Join(append(errs, p.say("Nothing was changed."))...)
}
