package media

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/dialect"
)

// LinkLife is how long the link of a file's node is good, as at Meta.
const LinkLife = 5 * time.Minute

// Link is where an app gets a file's bytes, with the key it always uses: a path
// that clients of 360dialog put behind their own host.
func (s *Store) Link(row journal.Media, until time.Time) (string, error) {
	id, end := dialect.MediaID(row.ID), strconv.FormatInt(until.Unix(), 10)
	_, sum, err := s.cfg.Keys.MAC(keyring.Original, []byte("media-link"), row.ID[:], []byte(end))
	if err != nil {
		return "", fmt.Errorf("sign media link: %w", err)
	}
	q := url.Values{"mid": {id}, "ext": {end}, "hash": {base64.RawURLEncoding.EncodeToString(sum[:16])}}
	return s.cfg.PublicURL + dialect.AttachmentsPath + "/?" + q.Encode(), nil
}

// ByLink finds the file that a link leads to, if the link is ours and still good.
func (s *Store) ByLink(ctx context.Context, q url.Values) (journal.Media, error) {
	id, ok := dialect.ParseMediaID(q.Get("mid"))
	end, err := strconv.ParseInt(q.Get("ext"), 10, 64)
	given, errHash := base64.RawURLEncoding.DecodeString(q.Get("hash"))
	if !ok || err != nil || errHash != nil || s.cfg.Now().Unix() > end {
		return journal.Media{}, ErrUnknown
	}
	sums, err := s.cfg.Keys.MACs(keyring.Original, []byte("media-link"), id[:], []byte(strconv.FormatInt(end, 10)))
	if err != nil {
		return journal.Media{}, fmt.Errorf("check media link: %w", err)
	}
	for _, v := range sums {
		if hmac.Equal(v.Sum[:16], given) {
			return s.ByID(ctx, id)
		}
	}
	return journal.Media{}, ErrUnknown
}
