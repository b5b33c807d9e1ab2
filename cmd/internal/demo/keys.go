package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"postern/crypto/keyring"
)

// renewal is the chapter about keys: every purpose is rotated while messages
// flow, and what was sealed, indexed and signed before holds afterwards. Then
// one person is erased.
type renewal struct {
	*talk
	flow *flow

	// Of the time before.
	key      string // public key of checkpoints
	receipt  string // id of a message, and of its receipt
	answered string // what was answered under onceKey
	subject  string // who the person is
	accepted int    // messages Meta had taken
	record   int    // newest record
}

// onceKey keeps the answer to a message, sealed; the message holds words that
// stand nowhere else.
const onceKey = "Idempotency-Key: demo-once"

var (
	onceWords = []string{"Pfauenauge", "Schwalbenschwanz"}
	onceText  = "Your order of " + strings.Join(onceWords, " and ") + " is ready."
)

// purposes in the order in which they are rotated, and whether nothing can go
// on needing the old version: records keep hashes, and apps keep their keys.
var purposes = []struct {
	name keyring.Purpose
	ends bool
}{
	{keyring.KEK, true},
	{keyring.Index, true},
	{keyring.Original, false},
	{keyring.Suppression, false},
	{keyring.App, false},
	{keyring.Checkpoint, true},
	{keyring.Webhook, false},
	{keyring.Secret, true},
}

func (t *talk) keyScenes() []scene {
	r := &renewal{talk: t}
	return []scene{
		{"The app keeps the receipt of a message, and an auditor the public key of today.", r.before},
		{"Messages begin to flow both ways and do not rest.", r.begin},
		{"Every key is rotated meanwhile.", r.rotate},
		{"What older keys wrapped, indexed and sealed moves to the new ones.", r.move},
		{"Old versions that nothing needs any more are destroyed.", r.destroy},
		{"The certificate of the app's listener is replaced, too.", r.replaceCertificate},
		{"The flow ends, and all sides count.", r.count},
		{"History is as readable as before.", r.history},
		{"Receipts from before and after hold against the auditor's old key.", r.receipts},
		{"And so does the trail.", r.verify},
		{"The person of that first message asks to be forgotten.", r.forget},
		{"Nobody finds them any more, and their record is proved nevertheless.", r.forgotten},
		{"An auditor sees that something was erased, and that nothing is missing.", r.verifyErased},
	}
}

// done runs the command line and expects it to succeed.
func (t *talk) done(ctx context.Context, args ...string) (string, error) {
	out, code, err := t.postern(ctx, args...)
	if err == nil && code != 0 {
		err = errNot("postern "+strings.Join(args, " ")+" to succeed", fmt.Sprintf("exit %d: %s", code, out))
	}
	return strings.TrimSpace(out), err
}

// number asks SQL for one number.
func (t *talk) number(ctx context.Context, query string) (int, error) {
	out, err := t.done(ctx, "audit", "sql", "--csv", query)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(out[strings.LastIndexByte(out, '\n')+1:])
}

func (r *renewal) before(ctx context.Context) (string, error) {
	var keys []struct{ Key string }
	out, err := r.done(ctx, "audit", "keys", "--json")
	if err == nil {
		err = json.Unmarshal([]byte(out), &keys)
	}
	if err != nil || len(keys) != 1 {
		return "", errNot("one public key", fmt.Sprint(out, err))
	}
	r.key = keys[0].Key
	a, err := r.once(ctx)
	if err != nil {
		return "", err
	}
	r.answered, r.receipt = a.body, a.header.Get("X-Postern-Receipt")
	if r.subject, err = r.person(ctx); err != nil {
		return "", err
	}
	return r.holds(ctx, r.receipt)
}

// once sends under one Idempotency-Key: its answer is kept sealed.
func (r *renewal) once(ctx context.Context) (answer, error) {
	message := textTo(consented, onceText)
	message["messaging_product"] = "whatsapp"
	a, err := r.post(ctx, r.client, r.messages(), message, r.bearer(), onceKey)
	if err == nil && a.status != http.StatusOK {
		err = errNot("200", fmt.Sprint(a.status, " ", a.body))
	}
	return a, err
}

// person looks the recipient up by number.
func (r *renewal) person(ctx context.Context) (string, error) {
	out, err := r.done(ctx, "subject", "show", "+"+consented, "--json")
	if err != nil {
		return "", err
	}
	var known struct{ Subject string }
	err = json.Unmarshal([]byte(out), &known)
	return known.Subject, err
}

// holds fetches a receipt once a checkpoint covers it, and checks it with the
// auditor's key alone.
func (r *renewal) holds(ctx context.Context, id string) (string, error) {
	var a answer
	err := await(ctx, "a checkpoint over the record", func() (_ bool, err error) {
		a, err = exchange(ctx, r.client, http.MethodGet, "https://"+r.app()+"/postern/v1/receipts/"+id, nil, r.bearer())
		if err == nil && a.status != http.StatusOK && a.status != http.StatusAccepted {
			err = errNot("a receipt", fmt.Sprint(a.status, " ", a.body))
		}
		return a.status == http.StatusOK, err
	})
	if err != nil {
		return "", err
	}
	file := r.path("receipt-" + id + ".json")
	if err := os.WriteFile(file, []byte(a.body), 0o600); err != nil {
		return "", fmt.Errorf("write receipt: %w", err)
	}
	return r.done(ctx, "audit", "verify", "--receipt", file, "--key", r.key)
}

func (r *renewal) begin(ctx context.Context) (_ string, err error) {
	if err := r.consent(ctx, r.admin, time.Now(), crowd()...); err != nil {
		return "", err
	}
	if r.accepted, err = r.taken(ctx); err != nil {
		return "", err
	}
	if r.record, err = r.number(ctx, "SELECT max(seq) FROM audit"); err != nil {
		return "", err
	}
	r.flow = r.startFlow(ctx)
	return fmt.Sprintf("%d people are written to and write", crowdSize), r.flow.passes(ctx)
}

// taken is how many messages Meta took.
func (r *renewal) taken(ctx context.Context) (int, error) {
	body, err := r.get(ctx, "http://"+r.control()+"/_sim/accepted?limit=1")
	if err != nil {
		return 0, err
	}
	var all struct{ Total int }
	err = json.Unmarshal([]byte(body), &all)
	return all.Total, err
}

func (r *renewal) rotate(ctx context.Context) (string, error) {
	var names []string
	for _, p := range purposes {
		if _, err := r.done(ctx, "keys", "rotate", string(p.name)); err != nil {
			return "", err
		}
		if err := r.flow.passes(ctx); err != nil {
			return "", fmt.Errorf("after the rotation of %s: %w", p.name, err)
		}
		names = append(names, string(p.name))
	}
	return strings.Join(names, ", ") + ": version 2 of each, and messages passed after each", nil
}

func (r *renewal) move(ctx context.Context) (string, error) {
	if _, err := r.done(ctx, "keys", "rewrap"); err != nil {
		return "", err
	}
	var out string
	err := await(ctx, "the work to end", func() (bool, error) {
		var work []struct{ State string }
		told, err := r.done(ctx, "keys", "status", "--json")
		if err == nil {
			err = json.Unmarshal([]byte(told), &work)
		}
		for _, w := range work {
			if w.State != "done" {
				return false, err
			}
		}
		return true, err
	})
	if err == nil {
		out, err = r.done(ctx, "keys", "status")
	}
	return "\n" + out, err
}

func (r *renewal) destroy(ctx context.Context) (string, error) {
	var gone, kept []string
	for _, p := range purposes {
		name := string(p.name) + "/1"
		needed, err := r.destroyed(ctx, string(p.name), p.ends)
		switch {
		case err != nil:
			return "", err
		case needed == "":
			gone = append(gone, name)
		default:
			kept = append(kept, "\n       "+needed)
		}
	}
	return strings.Join(gone, ", ") + " are gone; refused:" + strings.Join(kept, ""), r.flow.passes(ctx)
}

// destroyed destroys version 1, or says what needs it. What was on its way into
// the store under a version that nothing may go on needing is moved, too.
func (r *renewal) destroyed(ctx context.Context, purpose string, ends bool) (needed string, err error) {
	err = await(ctx, "nothing to need "+purpose+"/1", func() (bool, error) {
		out, code, err := r.postern(ctx, "keys", "destroy", purpose, "1", "--yes", "--confirm", purpose+"/1")
		switch needed = strings.TrimPrefix(strings.TrimSpace(out), "postern: "); {
		case err != nil:
			return false, err
		case code == 0:
			needed = ""
			return true, nil
		case !strings.Contains(out, "is still needed"):
			return false, errNot(purpose+"/1 to be destroyed or needed", out)
		case !ends:
			return true, nil
		case strings.Contains(out, "keys rewrap"):
			_, err = r.done(ctx, "keys", "rewrap")
		}
		return false, err
	})
	return needed, err
}

func (r *renewal) count(ctx context.Context) (string, error) {
	if err := r.flow.end(); err != nil {
		return "", err
	}
	sent, heard := int(r.flow.sent.Load()), int(r.flow.heard.Load())
	err := await(ctx, "the app to hear of everything", func() (bool, error) { return r.flow.reached(), nil })
	if err != nil {
		return "", err
	}
	taken, err := r.taken(ctx)
	if err != nil {
		return "", err
	}
	since := " AND seq > " + strconv.Itoa(r.record)
	admitted, err := r.number(ctx, "SELECT count(*) FROM audit WHERE kind = 'admission' AND effect = 'allow'"+since)
	if err != nil {
		return "", err
	}
	received, err := r.number(ctx, "SELECT count(*) FROM audit WHERE kind = 'inbound'"+since)
	if err != nil {
		return "", err
	}
	if taken -= r.accepted; taken != sent || admitted != sent || received != heard {
		return "", errNot("the same counts on all sides", fmt.Sprintf("sent %d, taken by Meta %d, recorded %d; asked %d, recorded %d", sent, taken, admitted, heard, received))
	}
	return fmt.Sprintf("%d messages were sent, answered, recorded, taken by Meta and reported as delivered; %d from people were recorded and reached the app; none failed", sent, heard), nil
}

func (r *renewal) history(ctx context.Context) (string, error) {
	subject, err := r.person(ctx)
	if err != nil || subject != r.subject {
		return "", errNot("the same person under the number", fmt.Sprint("another: ", err))
	}
	shown, err := r.done(ctx, "audit", "show", r.receipt)
	if err != nil || !strings.Contains(shown, onceText) {
		return "", errNot("the record of before", fmt.Sprint(shown, err))
	}
	found, err := r.done(ctx, "audit", "sql", "--csv", "--person", "+"+consented, "SELECT id FROM audit WHERE subject = :person AND kind = 'admission'")
	if err != nil || !strings.Contains(found, r.receipt) {
		return "", errNot("the message among the person's", fmt.Sprint(found, err))
	}
	again, err := r.once(ctx)
	if err != nil || again.body != r.answered {
		return "", errNot("the answer of before under its Idempotency-Key", fmt.Sprint(again.body, err))
	}
	return "the person is found, the record is shown, SQL finds it, and the sealed answer of an earlier send opens", nil
}

func (r *renewal) receipts(ctx context.Context) (string, error) {
	if _, err := r.done(ctx, "audit", "verify", "--receipt", r.path("receipt-"+r.receipt+".json"), "--key", r.key); err != nil {
		return "", err
	}
	a, err := r.post(ctx, r.client, r.messages(), map[string]any{
		"messaging_product": "whatsapp", "to": "+" + consented, "type": "text", "text": map[string]string{"body": "Thank you."},
	}, r.bearer())
	if err != nil || a.status != http.StatusOK {
		return "", errNot("200", fmt.Sprint(a.status, " ", a.body, err))
	}
	return r.holds(ctx, a.header.Get("X-Postern-Receipt"))
}

func (r *renewal) verify(ctx context.Context) (string, error) {
	return r.done(ctx, "audit", "verify", "--against", r.path("checkpoints"), "--file", r.path("data", "journal.db"), "--key", r.key)
}
