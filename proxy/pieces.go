package proxy

import (
	"strings"
	"sync"
	"time"

	"postern/audit"
	"postern/policy/pii"
	"postern/proxy/message"
)

const (
	pieceSize = 10_000 // conversations in each of two generations
	pieceTime = 60 * time.Second
	maxPieces = 3
)

// talk is one direction of a conversation.
type talk struct {
	number  string
	subject audit.SubjectID
	inbound bool
}

// pieces holds the last short texts of digits of conversations, for a minute and
// in memory only, so that a card or account that comes in pieces is found when
// it is whole. What went on before that can not be taken back.
type pieces struct {
	mu         sync.Mutex
	young, old map[talk]parts
}

type parts struct {
	texts []string
	until time.Time
}

// before gives what came just before in a conversation, a line each.
func (p *pieces) before(t talk, now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	x, ok := p.young[t]
	if !ok {
		x = p.old[t]
	}
	if !now.Before(x.until) {
		return ""
	}
	return strings.Join(x.texts, "\n")
}

// note remembers a text that may be a piece; any other, or what made a number
// whole, ends the row.
func (p *pieces) note(t talk, text string, whole bool, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if whole || t.subject.IsZero() || !pii.Piece(text) {
		delete(p.young, t)
		delete(p.old, t)
		return
	}
	x, ok := p.young[t]
	if !ok {
		x = p.old[t]
	}
	if !now.Before(x.until) {
		x.texts = nil
	}
	if len(x.texts) == maxPieces {
		x.texts = x.texts[1:]
	}
	if p.young == nil || len(p.young) >= pieceSize {
		p.old, p.young = p.young, map[talk]parts{}
	}
	p.young[t] = parts{append(x.texts[:len(x.texts):len(x.texts)], text), now.Add(pieceTime)}
}

// pieced reports a number that began in messages before.
func pieced(fs []found) bool {
	for _, f := range fs {
		if f.finding.Reasons&pii.ByPieces != 0 {
			return true
		}
	}
	return false
}

// said is the text of a text message, "" of others.
func said(texts []message.Phrase) string {
	for _, t := range texts {
		if t.Path == "text.body" {
			return t.Value
		}
	}
	return ""
}

// joins is what came just before a message, where policy has it looked at.
func (g *Gate) joins(t talk) string {
	if !g.cfg.Policy.Settings().PersonalData.Pieces {
		return ""
	}
	return g.pieces.before(t, g.cfg.Now())
}

// joined notes a message that was decided, and raises the alarm where it made
// whole what went on in part before.
func (g *Gate) joined(t talk, texts []message.Phrase, fs []found) {
	if !g.cfg.Policy.Settings().PersonalData.Pieces {
		return
	}
	whole := pieced(fs)
	g.pieces.note(t, said(texts), whole, g.cfg.Now())
	if whole {
		g.alarm("value_in_pieces")
	}
}
