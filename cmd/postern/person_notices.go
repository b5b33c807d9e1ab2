package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/retention"
)

func newSubjectNotices(p *program) *cobra.Command {
	var in admin.Notices
	var file, told string
	c := &cobra.Command{
		Use:   "notices",
		Short: "List persons who have to be told before their data goes, and say that they were",
		Long: `Lists, by class of the retention policy with notice_hours, the persons whose data
comes to its end soon and who were not told yet. Until they were, and so many hours
are over, nothing of that data goes by age. --json names them by subject id, never
by number; --until looks further ahead, so that a person is told once a month
instead of once a day. That it was asked is recorded.

Postern tells nobody: what the message says, by which channel, and whether a
template and a consent allow it is for the business. Once it was done, --mark takes
the file that --json wrote and puts on record, for each person in it, class, when
(--told) and up to which day. Who wrote since (clock: contact), or whose data came
after it, is on the list again. It can be repeated. --mark needs role approve.`,
		Example: "  postern subject notices\n  postern subject notices --until 2026-12-31 --json > tell.json\n  postern subject notices --mark tell.json --told 2026-11-20",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case file != "" && in.Until != "":
				return usageError{errors.New("use --until for the list: the file of --mark says up to when it is")}
			case file != "":
				return p.markNotices(c, file, told)
			case told != "":
				return usageError{errors.New("--told goes with --mark FILE")}
			}
			out, err := ask[admin.NoticesDue](c.Context(), p, "subject.notices", in)
			if err != nil {
				return err
			}
			return p.result(out, func() error { return p.noticesDue(out) })
		},
	}
	c.Flags().StringVar(&in.Until, "until", "", "look at what comes to its end before this `DAY` or RFC 3339 time")
	c.Flags().StringVar(&file, "mark", "", "put on record that those of `FILE`, written by --json, were told; \"-\" is standard input")
	c.Flags().StringVar(&told, "told", "", "`DAY` or RFC 3339 time they were told (default: now)")
	return c
}

func (p *program) noticesDue(out admin.NoticesDue) error {
	if out.Refused != "" {
		return p.say("Nobody is named: %s", out.Refused)
	}
	var rows [][]string
	for _, u := range out.Due {
		persons := strconv.Itoa(u.Persons)
		if u.More {
			persons += " and more"
		}
		rows = append(rows, []string{u.Tenant, u.Class, strconv.Itoa(u.Hours), instant(u.Until), persons, strconv.Itoa(u.Overdue), strconv.Itoa(u.Rows)})
	}
	if out.Unreached {
		if err := p.say("ClickHouse could not be asked for records that this store lost when it was restored: ask again for who has to be told of those."); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return p.say("Nobody has to be told.")
	}
	return table(p.stdout, []string{"TENANT", "CLASS", "HOURS", "UNTIL", "PERSONS", "OVERDUE", "ROWS"}, rows)
}

// marked is what --mark did.
type marked struct {
	Records []audit.ID `json:"records"` // one for each call
	Persons int        `json:"persons"` // put on record, counted in each class
	Before  int        `json:"before"`  // on record before
	Erased  int        `json:"erased"`  // since
}

// noticesInCall is what one call takes.
const noticesInCall = 200

func (p *program) markNotices(c *cobra.Command, file, told string) error {
	raw, err := p.readInput(file)
	if err != nil {
		return err
	}
	var due admin.NoticesDue
	if err := json.Unmarshal(raw, &due); err != nil || len(due.Due) == 0 {
		return usageError{errors.New("the file of --mark is not one that \"postern subject notices --json\" wrote, or names nobody")}
	}
	s, err := p.connect(c.Context(), false)
	if err != nil {
		return err
	}
	out := marked{Records: []audit.ID{}}
	for _, u := range due.Due {
		if err = p.markUntold(c, s, u, told, &out); err != nil {
			break
		}
	}
	if err = errors.Join(err, s.close()); err != nil {
		return fmt.Errorf("stopped after %s: %w; give the same file again, those on record stay as they are", count(out.Persons, "person"), err)
	}
	return p.result(out, func() error {
		return p.say("On record for %s. On record before: %d. Erased since, and left out: %d.", count(out.Persons, "person"), out.Before, out.Erased)
	})
}

func (p *program) markUntold(c *cobra.Command, s *session, u retention.Untold, told string, out *marked) error {
	for some := range slices.Chunk(u.Subjects, noticesInCall) {
		got, err := do[admin.Told](c.Context(), s, "subject.told", admin.NoticesTold{Tenant: u.Tenant, Class: u.Class, Subjects: some, Until: u.Until, Told: told})
		if err != nil {
			return err
		}
		if !got.Record.IsZero() {
			out.Records = append(out.Records, got.Record)
		}
		out.Persons += got.Persons - got.Before - got.Erased
		out.Before += got.Before
		out.Erased += got.Erased
	}
	return nil
}
