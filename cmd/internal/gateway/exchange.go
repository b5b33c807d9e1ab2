package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/crypto/jwe"
	"postern/proxy/upstream"
)

// payloadSettings is what upstream says of a number's encryption.
type payloadSettings struct {
	Status      string `json:"status"`
	Fingerprint string `json:"client_encryption_key_fingerprint"`
	CloudKey    string `json:"cloud_encryption_key"`
}

// side is one number as the configuration has it.
type side struct {
	tenant string
	number string
	boot.Encryption
	own *jwe.Public // nil without a readable key
}

// side finds a number. Without a key it can be asked about, not enabled.
func (g *Gateway) side(number string) (side, error) {
	t, _, n, ok := g.config.Load().Number(number)
	if !ok {
		return side{}, &admin.Error{Code: admin.NotFound, Message: "the configuration names no such number; write its phone_number_id"}
	}
	s := side{tenant: t.Name, number: number, Encryption: n.Encryption}
	if key, err := jwe.ParsePrivate([]byte(n.Encryption.Key.Value())); err == nil {
		s.own = key.Public()
	}
	return s, nil
}

// enableEncryption gives upstream our public key, keeps upstream's, and sends
// with it from then on. Upstream must confirm the very key: else nothing is
// kept.
func (g *Gateway) enableEncryption(ctx context.Context, number, actor string) (admin.Encryption, error) {
	g.encryption.exchanging.Lock()
	defer g.encryption.exchanging.Unlock()
	s, err := g.side(number)
	switch {
	case err != nil:
		return admin.Encryption{}, err
	case !s.On:
		return admin.Encryption{}, &admin.Error{Code: admin.Invalid, Message: "the number has no encryption in the configuration; write encryption: {key: file:PATH} beside its id, reload, and try again"}
	case s.own == nil:
		return admin.Encryption{}, &admin.Error{Code: admin.Unavailable, Message: "the number's private key can not be read; see: postern config check"}
	}
	if err := g.store.Journal.Append(context.WithoutCancel(ctx), journal.Batch{Records: []audit.Record{g.exchangeRecord(s, actor, "exchanging")}}); err != nil {
		return admin.Encryption{}, err
	}
	if err := g.announce(ctx, s); err != nil {
		return admin.Encryption{}, err
	}
	said, err := g.askSettings(ctx, s)
	if err != nil {
		return admin.Encryption{}, err
	}
	cloud, err := s.confirmed(said)
	if err != nil {
		return admin.Encryption{}, err
	}
	if err := g.keepExchange(ctx, s, cloud, actor); err != nil {
		return admin.Encryption{}, err
	}
	return g.encryptionView(s, said), nil
}

// announce tells upstream our public key.
func (g *Gateway) announce(ctx context.Context, s side) error {
	body, err := json.Marshal(map[string]any{"payload_encryption": map[string]string{
		"status": "enabled", "client_encryption_key": s.own.Text(),
	}})
	if err != nil {
		return err
	}
	token, err := g.token(s.tenant)
	if err != nil {
		return err
	}
	a := g.upstream.Post(ctx, token, "/"+s.number+"/settings", body)
	var done struct {
		Success bool `json:"success"`
	}
	if err := answered(a, &done); err != nil {
		return err
	}
	if !done.Success {
		return &admin.Error{Code: admin.Unavailable, Message: "Meta did not take the key; nothing was changed here"}
	}
	return nil
}

func (g *Gateway) askSettings(ctx context.Context, s side) (payloadSettings, error) {
	var out struct {
		Encryption payloadSettings `json:"payload_encryption"`
	}
	token, err := g.token(s.tenant)
	if err != nil {
		return out.Encryption, err
	}
	return out.Encryption, answered(g.upstream.Get(ctx, token, "/"+s.number+"/settings"), &out)
}

// answered decodes a success. What upstream wrote into an error stays out of
// ours, but for the number of its code.
func answered(a upstream.Answer, into any) error {
	if b := (*upstream.Blocked)(nil); errors.As(a.Err, &b) {
		return &admin.Error{Code: admin.Unavailable, Message: b.Reason}
	}
	if !a.Answered() {
		return &admin.Error{Code: admin.Unavailable, Message: "Meta can not be reached or did not answer in full; try again"}
	}
	var failed struct {
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	if a.Status != http.StatusOK {
		if err := json.Unmarshal(a.Body, &failed); err != nil || failed.Error.Code == 0 {
			return &admin.Error{Code: admin.Unavailable, Message: "Meta answered with an error that can not be read; try again"}
		}
		return &admin.Error{Code: admin.Unavailable, Message: "Meta refused with " + "code " + strconv.Itoa(failed.Error.Code) + "; see its list of error codes"}
	}
	if err := json.Unmarshal(a.Body, into); err != nil {
		return &admin.Error{Code: admin.Unavailable, Message: "Meta's answer has another form than this version knows"}
	}
	return nil
}

// confirmed gives upstream's key when it holds ours.
func (s side) confirmed(said payloadSettings) (*jwe.Public, error) {
	if said.Status != "enabled" {
		return nil, &admin.Error{Code: admin.Unavailable, Message: "Meta took the key and says that encryption is not enabled; nothing was kept"}
	}
	if !s.own.Matches(said.Fingerprint) {
		return nil, &admin.Error{Code: admin.Conflict, Message: "Meta shows the fingerprint of another key than ours; nothing was kept. See: postern encryption status " + s.number}
	}
	cloud, err := jwe.ParsePublic(said.CloudKey)
	if err != nil {
		return nil, &admin.Error{Code: admin.Unavailable, Message: "Meta's public key can not be used: " + err.Error()}
	}
	return cloud, nil
}

func (g *Gateway) keepExchange(ctx context.Context, s side, cloud *jwe.Public, actor string) error {
	rec := g.exchangeRecord(s, actor, "exchanged")
	rec.Labels = append(rec.Labels, "cloud:"+cloud.Fingerprint())
	err := g.encryption.learn(ctx, g.store.Journal, s.number, exchange{Cloud: cloud.Text(), Own: s.own.Fingerprint(), Time: rec.Time}, rec)
	if err != nil {
		return err
	}
	g.encryption.configure(g.config.Load())
	return nil
}

// exchangeRecord says how far an exchange is: on record before upstream is told.
func (g *Gateway) exchangeRecord(s side, actor, result string) audit.Record {
	now := g.now()
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: actor,
		Tenant: s.tenant, Number: s.number, Type: "encryption", Result: result, Labels: []string{"own:" + s.own.Fingerprint()},
	}
}

// encryptionStatus asks upstream and holds it against what is here.
func (g *Gateway) encryptionStatus(ctx context.Context, number string) (admin.Encryption, error) {
	s, err := g.side(number)
	if err != nil {
		return admin.Encryption{}, err
	}
	said, err := g.askSettings(ctx, s)
	if err != nil {
		return admin.Encryption{}, err
	}
	return g.encryptionView(s, said), nil
}

func (g *Gateway) encryptionView(s side, said payloadSettings) admin.Encryption {
	x := g.encryption.exchanged(s.number)
	out := admin.Encryption{
		Number: s.number, Configured: s.On, Upstream: said.Status, OwnAtMeta: said.Fingerprint, Since: x.Time / 1e6,
		Cloud: fingerprint(x.Cloud), CloudNow: fingerprint(said.CloudKey),
	}
	if s.own != nil {
		out.Own = s.own.Fingerprint()
	}
	out.State = s.state(said, x, out)
	return out
}

func (s side) state(said payloadSettings, x exchange, out admin.Encryption) admin.EncryptionState {
	on := said.Status == "enabled"
	switch {
	case !s.On && on:
		return admin.EncryptionOnlyUpstream
	case !s.On:
		return admin.EncryptionOff
	case s.own == nil:
		return admin.EncryptionUnreadable
	case x.Time == 0:
		return admin.EncryptionNotExchanged
	case !on:
		return admin.EncryptionDisabled
	case !s.own.Matches(said.Fingerprint) || x.Own != out.Own:
		return admin.EncryptionOwnDiffers
	case out.Cloud == "" || out.Cloud != out.CloudNow:
		return admin.EncryptionCloudDiffers
	}
	return admin.EncryptionReady
}

// checkEncryption tells of numbers whose keys part from upstream's. What can not
// be asked is no finding: the look at upstream tells that.
func (g *Gateway) checkEncryption(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second) // other tasks wait
	defer cancel()
	for _, number := range g.encryption.numbers() {
		e, err := g.encryptionStatus(ctx, number)
		if err != nil || e.State == admin.EncryptionReady {
			continue
		}
		g.metrics.Alarm("encryption")
		g.log.Error().Str("number", number).Str("state", string(e.State)).Msg("payload encryption is not ready; see: postern encryption status")
	}
}

// fingerprint is that of a public key as text, empty for none.
func fingerprint(text string) string {
	key, err := jwe.ParsePublic(text)
	if err != nil {
		return ""
	}
	return key.Fingerprint()
}
