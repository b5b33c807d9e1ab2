package admin

import (
	"context"
	"errors"
	"strings"

	"postern/audit/export"
	"postern/audit/journal"
)

// ExportReplay asks for export.replay: the records from one on are sent again.
type ExportReplay struct {
	Name string `json:"name"`
	From uint64 `json:"from"`
}

// ExportReplayed says what is sent again.
type ExportReplayed struct {
	Name string `json:"name"`
	From uint64 `json:"from"`
}

// exportStatus is how exports stand; of a gateway that does not run, how far
// they came.
func (s *Service) exportStatus(ctx context.Context, _ Actor, _ struct{}) ([]export.Status, error) {
	if s.cfg.ExportStatus != nil {
		return s.cfg.ExportStatus(), nil
	}
	cursors, err := s.cfg.Journal.Followers(ctx)
	if err != nil {
		return nil, err
	}
	out, size := []export.Status{}, s.cfg.Journal.Head().Size
	for _, c := range cursors {
		if name, ours := strings.CutPrefix(c.Name, export.Follower("")); ours {
			out = append(out, export.Status{Name: name, State: export.Stopped, Next: c.Next, Waiting: size - min(size, c.Next)})
		}
	}
	return out, nil
}

func (s *Service) exportReplay(ctx context.Context, a Actor, in ExportReplay) (ExportReplayed, error) {
	var err error
	if s.cfg.ReplayExport != nil {
		err = s.cfg.ReplayExport(ctx, in.Name, in.From, a.Name)
	} else {
		err = export.Rewind(ctx, s.cfg.Journal, in.Name, in.From, a.Name, s.cfg.Now())
	}
	switch {
	case errors.Is(err, export.ErrAhead):
		return ExportReplayed{}, refuse(Invalid, "%v", err)
	case errors.Is(err, journal.ErrNotFound):
		return ExportReplayed{}, refuse(NotFound, "nothing was exported under this name; see postern export status")
	}
	return ExportReplayed(in), err
}
