package dialect

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep objects and arrays may nest in any body.
const maxDepth = 64

// Bounds on the number of values: each costs 64 bytes, a body of one-byte
// values would otherwise need thirty times its size.
const (
	maxSendNodes    = 1 << 15
	maxWebhookNodes = 1 << 20
)

// none says "no such node". The root is node 0.
const none = int32(-1)

// tree is a parsed JSON text. Nodes lie in one slice in reading order and
// remember where they stood, so that parts can be copied byte for byte.
type tree struct {
	src   string
	nodes []node
}

// node is one value. For members name is the decoded name. text is the decoded
// string or the number as written; set through tree.set it replaces src.
type node struct {
	kind        byte // { [ " 0 t f n, as jsontext.Kind
	edited      bool // text replaces what src says
	gone        bool // left out when written
	name        string
	text        string
	first, next int32
	nameAt      int32 // offset of the member's name in src; own offset in arrays
	at, end     int32 // offsets of the value in src
}

// Refusals of parse beside those of the JSON grammar.
var (
	errDepth = errors.New("nested too deep")
	errNodes = errors.New("too many values")
)

// parse reads exactly one JSON value: names unique, nothing behind it, at most
// maxDepth levels. Unless loose it also wants valid UTF-8 without lone
// surrogates; loose reads them as U+FFFD and keeps the bytes in src.
func parse(body []byte, loose bool) (*tree, error) {
	dec := decoderOf(body, loose)
	defer dec.release()
	p := parser{
		dec: &dec.Decoder,
		t:   &tree{src: string(body), nodes: make([]node, 0, 4+len(body)/32)}, // about as many as a message has
		max: maxSendNodes,
	}
	if loose {
		p.max = maxWebhookNodes
	}
	if _, err := p.value("", 0, 0); err != nil {
		return nil, err
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = &jsontext.SyntacticError{ByteOffset: p.dec.InputOffset()}
		}
		return nil, err
	}
	return p.t, nil
}

// decoder is used again: its lists of names are a tenth of what a message allocates.
type decoder struct {
	jsontext.Decoder
	body bytes.Buffer
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

func decoderOf(body []byte, loose bool) *decoder {
	d := decoders.Get().(*decoder) //nolint:errcheck // nothing else is in there
	d.body = *bytes.NewBuffer(body)
	d.Reset(&d.body, jsontext.AllowInvalidUTF8(loose))
	return d
}

// release gives the decoder back. It holds on to nothing of the body.
func (d *decoder) release() {
	d.body = bytes.Buffer{}
	d.Reset(&d.body)
	decoders.Put(d)
}

type parser struct {
	dec *jsontext.Decoder
	t   *tree
	max int
}

func (p *parser) value(name string, nameAt int32, depth int) (int32, error) {
	if len(p.t.nodes) >= p.max {
		return none, errNodes
	}
	kind := p.dec.PeekKind()
	if kind == '{' || kind == '[' {
		return p.nested(kind, name, nameAt, depth)
	}
	raw, err := p.dec.ReadValue()
	if err != nil {
		return none, err
	}
	end := int32(p.dec.InputOffset())
	n := node{kind: byte(kind), name: name, first: none, next: none, end: end, at: end - int32(len(raw)), nameAt: nameAt}
	switch kind {
	case '"':
		n.text = p.text(n.at, n.end)
	case '0':
		n.text = p.t.src[n.at:n.end]
	}
	return p.add(n), nil
}

func (p *parser) nested(kind jsontext.Kind, name string, nameAt int32, depth int) (int32, error) {
	if depth >= maxDepth {
		return none, errDepth
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return none, err
	}
	at := int32(p.dec.InputOffset()) - 1
	self := p.add(node{kind: byte(kind), name: name, first: none, next: none, at: at, nameAt: nameAt})
	last := none
	for {
		if k := p.dec.PeekKind(); k == '}' || k == ']' {
			break
		}
		child, err := p.child(kind, depth)
		if err != nil {
			return none, err
		}
		if last == none {
			p.t.nodes[self].first = child
		} else {
			p.t.nodes[last].next = child
		}
		last = child
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return none, err
	}
	p.t.nodes[self].end = int32(p.dec.InputOffset())
	return self, nil
}

// child reads one element, or one name with its value.
func (p *parser) child(kind jsontext.Kind, depth int) (int32, error) {
	if kind == '[' {
		c, err := p.value("", 0, depth+1)
		if err == nil {
			p.t.nodes[c].nameAt = p.t.nodes[c].at
		}
		return c, err
	}
	raw, err := p.dec.ReadValue()
	if err != nil {
		return none, err
	}
	end := int32(p.dec.InputOffset())
	at := end - int32(len(raw))
	return p.value(p.text(at, end), at, depth+1)
}

// text is the decoded string between two quotes. Without escapes it shares src.
func (p *parser) text(at, end int32) string {
	raw := p.t.src[at:end]
	if strings.IndexByte(raw, '\\') < 0 {
		return strings.ToValidUTF8(raw[1:len(raw)-1], "\uFFFD")
	}
	// Only lone surrogates and bad bytes can fail here, and only in loose
	// parsing; the decoded text then holds U+FFFD in their place.
	b, _ := jsontext.AppendUnquote(nil, raw)
	return string(b)
}

func (p *parser) add(n node) int32 {
	p.t.nodes = append(p.t.nodes, n)
	return int32(len(p.t.nodes) - 1)
}
