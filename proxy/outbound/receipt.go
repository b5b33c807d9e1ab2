package outbound

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/identity"
)

// Receipts are Postern's own, in no vendor's API: an app that does not know
// them passes over one header.
const (
	headerReceipt = "X-Postern-Receipt"
	ownPath       = "/postern/"
	receiptPath   = "/postern/v1/receipts/"
	routeReceipts = "receipts"
)

// isOwn reports a path that is served here in Postern's own form.
func isOwn(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, ownPath) }

// receipt answers with the receipt of an admission of the calling app. It is
// not recorded: it shows nothing but what the app itself caused.
func (h *Handler) receipt(ctx context.Context, c *call) int {
	who, ok := h.owner(c.r)
	if !ok {
		return h.stranger(c)
	}
	c.who = who
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		c.w.Header().Set("Allow", "GET, HEAD")
		return c.own(http.StatusMethodNotAllowed, "method", "Receipts are read with GET.")
	}
	rec, err := h.admission(ctx, c)
	if errors.Is(err, journal.ErrNotFound) {
		return c.own(http.StatusNotFound, "not_found", "This app has no receipt with this id.")
	}
	if err == nil {
		var receipt *audit.Receipt
		if receipt, err = h.cfg.Journal.Reader().Receipt(ctx, rec); err == nil {
			return h.handOut(c, receipt)
		}
	}
	if errors.Is(err, journal.ErrUncovered) {
		c.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(h.cfg.SignedEvery().Seconds()))))
		return c.own(http.StatusAccepted, "not_signed_yet", "No checkpoint covers the record yet; ask again.")
	}
	h.cfg.Log.Error().Err(err).Msg("receipt not made")
	return c.own(http.StatusServiceUnavailable, "unavailable", "The trail can not be read now.")
}

// stranger counts and refuses one who is not known.
func (h *Handler) stranger(c *call) int {
	h.cfg.Strangers.Count(c.r.RemoteAddr, string(c.route.Dialect))
	return c.own(http.StatusUnauthorized, "unauthenticated", "Send the app's own credential, alone and in its header.")
}

// owner says who is calling. The path belongs to no dialect, so one who shows a
// certificate alone is looked for in each.
func (h *Handler) owner(r *http.Request) (identity.Identity, bool) {
	if r.Header.Get("Authorization") != "" || hasKey(r) || r.URL.RawQuery != "" {
		return h.caller(r)
	}
	for _, dia := range []dialect.Dialect{dialect.Cloud, dialect.OnPrem, dialect.D360V2} {
		if who, ok := h.certified(r, identity.Identity{}, dia); ok {
			return who, true
		}
	}
	return identity.Identity{}, false
}

// admission is the record named, if it is an admission of the caller. All
// others are not found, so that nobody learns which ids exist.
func (h *Handler) admission(ctx context.Context, c *call) (*audit.Record, error) {
	id, err := audit.ParseID(strings.TrimPrefix(c.r.URL.Path, receiptPath))
	if err != nil {
		return nil, journal.ErrNotFound
	}
	rec, err := h.cfg.Journal.Record(ctx, id)
	if err != nil {
		return nil, err
	}
	switch rec.Kind {
	case audit.KindAdmission, audit.KindMedia, audit.KindManage, audit.KindRead:
	default:
		return nil, journal.ErrNotFound
	}
	if rec.App != c.who.App || rec.Tenant != c.who.Tenant || rec.App == "" {
		return nil, journal.ErrNotFound
	}
	return &rec, nil
}

func (h *Handler) handOut(c *call, receipt *audit.Receipt) int {
	body, err := receipt.Encode()
	if err != nil {
		h.cfg.Log.Error().Err(err).Msg("receipt not made")
		return c.own(http.StatusServiceUnavailable, "unavailable", "The receipt can not be written.")
	}
	return c.write(http.StatusOK, map[string]string{"Cache-Control": "no-store"}, body)
}

// own answers a problem in Postern's own form.
func (c *call) own(status int, code, message string) int {
	body, err := json.Marshal(map[string]map[string]string{"error": {"code": code, "message": message}})
	if err != nil {
		body = []byte("{}") // fixed words always encode
	}
	return c.write(status, map[string]string{"Cache-Control": "no-store"}, body)
}
