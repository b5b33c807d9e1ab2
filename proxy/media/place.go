package media

import (
	"context"
	"errors"
	"fmt"
	"io"

	"postern/policy"
	"postern/proxy/media/exif"
)

// ErrPlace says that a picture can not be rid of where it was taken.
var ErrPlace = errors.New("the picture can not be rid of where it was taken")

// Location says whether a picture that was taken tells its place; "" of a file
// that is none.
func (d *Draft) Location(ctx context.Context) (string, error) {
	if d.Row.Kind != "image" && d.Row.Kind != "sticker" {
		return "", nil
	}
	f, err := d.Open(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrStore, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	return LocationOf(f)
}

// LocationOf says whether a picture tells where it was taken.
func LocationOf(picture io.Reader) (string, error) {
	some, err := exif.Strip(io.Discard, picture)
	switch {
	case errors.Is(err, exif.ErrUnreadable):
		return policy.LocationUnreadable, nil
	case err != nil:
		return "", fmt.Errorf("look for a place: %w", err)
	case some:
		return policy.LocationSome, nil
	}
	return policy.LocationNone, nil
}

// Strip takes the picture once more, without where it was taken. Both drafts
// are to be discarded.
func (d *Draft) Strip(ctx context.Context) (*Draft, error) {
	f, err := d.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStore, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := exif.Strip(w, f)
		w.CloseWithError(err)
	}()
	out, err := d.store.Take(ctx, r, Claim{
		Tenant: d.Row.Tenant, Number: d.Row.Number, App: d.Row.App, Mime: d.Row.Mime, Length: -1, Most: d.Row.Bytes,
	})
	r.CloseWithError(err) //nolint:errcheck // it never fails
	<-done
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlace, err)
	}
	if d.Life > 0 {
		out.Live(d.Life)
	}
	return out, nil
}
