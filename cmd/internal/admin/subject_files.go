package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/media"
	"postern/retention"
)

// exportedFile is one that goes into the parcel.
type exportedFile struct {
	row   journal.Media
	in    retention.ExportFile // once it was written
	named bool                 // by a message
}

// anothers stands for a file that a third party sent.
const anothers = -1

// collectFiles looks which files are here: those that messages name, and the
// others that the person sent. The messages are counted with it.
func (c *collector) collectFiles(ctx context.Context) error {
	c.known = map[string]int{}
	store, err := c.s.cfg.Media()
	if err != nil {
		return err
	}
	at := map[audit.ID]int{}
	add := func(row journal.Media, named bool) int {
		i, there := at[row.ID]
		if !there {
			i = len(c.files)
			at[row.ID], c.files, c.bytes = i, append(c.files, exportedFile{row: row}), c.bytes+max(row.Bytes, 0)
		}
		c.files[i].named = c.files[i].named || named
		return i
	}
	err = c.each(ctx, func(m *said) error {
		c.count++
		if m.App != "" && !slices.Contains(c.apps, m.App) {
			c.apps = append(c.apps, m.App)
		}
		for _, f := range m.Files {
			if _, done := c.known[f.ID]; done || f.ID == "" || !m.original {
				continue
			}
			row, err := store.Named(ctx, f.ID)
			switch {
			case errors.Is(err, media.ErrUnknown) || err == nil && (row.Tenant != c.tenant || !row.Stored):
			case err != nil:
				return err
			case row.Inbound && !slices.Contains(c.same, row.Subject):
				c.known[f.ID] = anothers
			default:
				c.known[f.ID] = add(row, true)
			}
		}
		return nil
	})
	for _, one := range c.same {
		rows, failed := c.s.cfg.Journal.MediaOf(ctx, one)
		err = errors.Join(err, failed)
		for _, row := range rows {
			if row.Stored && row.Tenant == c.tenant && row.Created >= c.from && row.Created <= c.made.UnixMicro() {
				add(row, false)
			}
		}
	}
	if err == nil && len(c.files) > 0 && store.Away() {
		return refuse(Unavailable, "the bucket that files lie in is away: ask again once it is back")
	}
	return err
}

// writeFiles puts files in, each through a few buffers. One that is gone by now
// or does not open is named and does not fail the others; where they lie must be
// reached.
func (c *collector) writeFiles(ctx context.Context, p *retention.Parcel) error {
	for i := range c.files {
		f := &c.files[i]
		f.in.Name = f.row.Kind + " of " + time.UnixMicro(f.row.Created).UTC().Format(time.DateOnly)
		if err := c.writeFile(ctx, p, i, f); err != nil {
			return err
		}
		if !f.named {
			c.out.Files = append(c.out.Files, f.in)
		}
	}
	return nil
}

func (c *collector) writeFile(ctx context.Context, p *retention.Parcel, i int, f *exportedFile) error {
	store, err := c.s.cfg.Media()
	if err != nil {
		return err
	}
	body, err := store.Content(ctx, f.row)
	switch {
	case errors.Is(err, blob.ErrAway): // nobody knows whether it is kept
		return err
	case err != nil:
		f.in.Note = "it is kept no more, or cannot be read"
		return ctx.Err()
	}
	defer body.Close() //nolint:errcheck // it was only read
	name := fmt.Sprintf("%05d-%s.%s", i+1, f.row.Kind, cmp.Or(endings[f.row.Mime], "bin"))
	f.in.Path, f.in.Size, err = p.File(name, body)
	switch {
	case errors.Is(err, retention.ErrFile) && errors.Is(err, keyring.ErrOpen):
		f.in.Note = "it was changed where it is kept: only its beginning can be read"
		return nil
	case err != nil:
		return err
	}
	c.given++
	return nil
}

// endings are those of files' names, by type; there are others.
var endings = map[string]string{
	"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "audio/aac": "aac", "audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/amr": "amr",
	"audio/ogg": "ogg", "video/mp4": "mp4", "video/3gpp": "3gp", "application/pdf": "pdf", "text/plain": "txt",
}

// file is what a message says of its file, with where that is.
func (c *collector) file(m *said, i int) retention.ExportFile {
	f := m.Files[i]
	out := retention.ExportFile{Note: "not here"}
	if at, known := c.known[f.ID]; known && m.original {
		if out.Note = "somebody else sent it"; at != anothers {
			out = c.files[at].in
		}
	}
	out.Name = c.withoutOthers(cmp.Or(f.Name, f.Type), m.record.Country)
	return out
}
