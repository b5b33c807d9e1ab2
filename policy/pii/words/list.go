package words

import (
	"encoding/binary"
	"fmt"
	"maps"
	"strings"
)

// Builder collects words for a Set. The zero value is ready.
type Builder struct {
	root   node
	nodes  nodes
	set    Set
	lookup map[string]uint32 // entry by its senses, two bytes each
}

// Over gives a Builder of a Set that holds what base holds and what is added:
// made as fast as the additions are few. A word of both means both.
func Over(base *Set) *Builder {
	return &Builder{
		set:    Set{base: base, topics: maps.Clone(base.topics), senses: base.senses[:len(base.senses):len(base.senses)]},
		lookup: map[string]uint32{"": 0},
	}
}

// AddList reads a text of lines
//
//	topic language: word, phrase of words, stem*
//
// Empty lines and lines that begin with # are comments. The error names the
// line.
func (b *Builder) AddList(text string) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		head, list, ok := strings.Cut(line, ":")
		topic, _, two := strings.Cut(strings.TrimSpace(head), " ")
		if !ok || !two {
			return fmt.Errorf("word list line %d: write \"topic language: word, word\"", n)
		}
		for word := range strings.SplitSeq(list, ",") {
			if err := b.Add(strings.TrimSpace(word), topic); err != nil {
				return fmt.Errorf("word list line %d: %w", n, err)
			}
		}
	}
	return nil
}

// Add takes one word, phrase or stem. Words without letters or digits are
// refused.
func (b *Builder) Add(word, topic string) error {
	base, stem := strings.CutSuffix(word, "*")
	key := Fold(base)
	if len(key) == 0 {
		return fmt.Errorf("a word of topic %q has no letters or digits", topic)
	}
	sense := b.topic(topic)
	n := b.root.at(&b.nodes, key)
	if b.set.base != nil && n.entry|n.stem == 0 {
		n.entry, n.stem = b.set.base.exactly(key)
	}
	if stem {
		n.stem = b.with(n.stem, sense)
	} else {
		n.entry = b.with(n.entry, sense)
	}
	return nil
}

func (b *Builder) topic(name string) Topic {
	if b.set.topics == nil {
		b.set.topics = map[string]Topic{}
	}
	t, ok := b.set.topics[name]
	if !ok {
		t = Topic(len(b.set.topics) + 1)
		b.set.topics[name] = t
	}
	return t
}

// with gives the entry that means what old means and sense besides.
func (b *Builder) with(old uint32, sense Topic) uint32 {
	if b.lookup == nil {
		b.lookup = map[string]uint32{"": 0}
		b.set.senses = [][]Topic{nil}
	}
	senses := b.set.senses[old]
	for _, s := range senses {
		if s == sense {
			return old
		}
	}
	senses = append(senses[:len(senses):len(senses)], sense)
	key := make([]byte, 0, 2*len(senses))
	for _, s := range senses {
		key = binary.BigEndian.AppendUint16(key, uint16(s))
	}
	entry, ok := b.lookup[string(key)]
	if !ok {
		entry = uint32(len(b.set.senses))
		b.lookup[string(key)] = entry
		b.set.senses = append(b.set.senses, senses)
	}
	return entry
}

// Build gives the Set of what was added. The Builder must not be used after.
func (b *Builder) Build() *Set {
	if b.set.senses == nil {
		b.set.senses = [][]Topic{nil}
	}
	b.join(&b.root)
	b.set.trie = place(&b.root, b.nodes.n)
	b.set.stems = new(stems)
	b.set.stems.fill(&b.root, 0, 0)
	b.set.heads = newHeads(&b.root)
	set := b.set // the nodes are not kept with it
	if set.base != nil {
		alone := set
		alone.base, set.alone = nil, &alone
	}
	return &set
}

// join lets a word mean what the same stem means, too.
func (b *Builder) join(n *node) {
	if n.entry != 0 && n.stem != 0 {
		for _, sense := range b.set.senses[n.stem] {
			n.entry = b.with(n.entry, sense)
		}
	}
	for _, c := range n.child {
		b.join(c)
	}
}

// exactly gives what is held under a folded word.
func (s *Set) exactly(key []byte) (entry, stem uint32) {
	state := s.trie.walk(0, key)
	return s.trie.cells[state].entry, s.trie.cells[state].stem
}
