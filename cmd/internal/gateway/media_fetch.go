package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/media"
)

// Files of people are fetched while upstream has them: some at a time, so that
// messages find room.
const (
	fetchStep     = 16
	fetchTogether = 2
)

// fetchPause lies between two looks for files to fetch.
const fetchPause = 2 * time.Second

// keepMedia fetches files until ctx ends, beside everything else: one may take
// minutes.
func (g *Gateway) keepMedia(ctx context.Context) error {
	tick := time.NewTicker(fetchPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := g.fetchMedia(ctx); err != nil && ctx.Err() == nil {
			g.log.Error().Err(err).Msg("files of people are not fetched")
			g.metrics.Alarm("media_fetch")
		}
	}
}

// fetchMedia keeps what people sent, where policy keeps originals.
func (g *Gateway) fetchMedia(ctx context.Context) error {
	rows, err := g.media.Due(ctx, fetchStep)
	if err != nil {
		return err
	}
	var all errgroup.Group
	all.SetLimit(fetchTogether)
	for _, row := range rows {
		all.Go(func() error { return g.fetchOne(ctx, row) })
	}
	return all.Wait()
}

// errGone means that upstream has the file no more.
var errGone = errors.New("upstream does not have the file")

func (g *Gateway) fetchOne(ctx context.Context, row journal.Media) error {
	err := g.fetch(ctx, row)
	switch {
	case err == nil || ctx.Err() != nil:
		return nil
	case g.people.Erased(row.Subject):
		g.log.Debug().Msg("a file is not kept: its person was erased meanwhile")
		return nil
	case errors.Is(err, errGone), errors.Is(err, media.ErrTooLarge):
		err = errors.Join(err, g.media.GiveUp(ctx, row))
	default:
		givenUp, failed := g.media.Later(ctx, row)
		if err = errors.Join(err, failed); !givenUp {
			g.log.Warn().Err(err).Msg("a person's file was not fetched; it is tried again")
			return failed
		}
	}
	g.metrics.Alarm("media_lost")
	g.log.Error().Err(err).Str("number", row.Number).Msg("a person's file was not kept")
	return nil
}

func (g *Gateway) fetch(ctx context.Context, row journal.Media) error {
	id, err := g.media.Upstream(ctx, row)
	if err != nil {
		return err
	}
	token, err := g.token(row.Tenant)
	if err != nil {
		return err
	}
	a := g.upstream.Get(ctx, token, "/"+url.PathEscape(id)+"?phone_number_id="+row.Number)
	switch {
	case !a.Answered():
		return errors.New("upstream does not answer")
	case a.Status == http.StatusBadRequest || a.Status == http.StatusNotFound:
		return errGone
	case a.Status != http.StatusOK:
		return fmt.Errorf("upstream answered %d", a.Status)
	}
	node, err := dialect.DecodeMediaNode(a.Body)
	if err != nil {
		return err
	}
	d, err := g.upstream.Download(ctx, token.On(row.Number), node.URL)
	if err != nil {
		return err
	}
	if d.Body == nil {
		return fmt.Errorf("upstream's link answered %d", d.Answer.Status)
	}
	defer d.Body.Close() //nolint:errcheck // it was only read
	return g.media.Hold(ctx, row, media.Found{Mime: node.Mime, Length: d.Length, SHA256: node.Sum(), Body: d.Body})
}
