package upstream

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// 360dialog blocks a number's files for half an hour after 20 errors within an
// hour (360DOCS, Media). What it did not have is not asked for again meanwhile,
// and few enough new errors are let happen.
const (
	missLife = time.Hour
	maxMiss  = 15 // of one number
)

// misses remembers files that a number could not get.
type misses struct {
	now func() time.Time

	mu sync.Mutex
	by map[string]map[string]miss // by number and file; at most maxMiss of a number
}

type miss struct {
	answer Answer
	until  time.Time
}

// media is a file's node or its end, for a number.
func (d d360) media(number, method, id string) call {
	c := d.call(number, method, "/"+id, "", d360Answer)
	if method != http.MethodGet {
		return c
	}
	c.known = d.misses.of(number, id)
	c.read = func(given Answer) Answer {
		a := d360Answer(given)
		switch {
		case !a.Answered() || a.Status < http.StatusBadRequest || a.Status >= http.StatusInternalServerError || a.Status == http.StatusUnauthorized:
		case a.Status == http.StatusNotFound || bytes.Equal(a.Body, given.Body):
			d.misses.add(number, id, a)
		default: // 360dialog's own refusal is not about the file, which may be asked for again
			d.misses.add(number, "", a)
		}
		return a
	}
	return c
}

// of is the answer for a file that must not be asked for now.
func (m *misses) of(number, id string) *Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	files, at := m.by[number], m.now()
	for file, missed := range files {
		if !at.Before(missed.until) {
			delete(files, file)
		}
	}
	missed, known := files[id]
	switch {
	case known:
		return &missed.answer
	case len(files) >= maxMiss:
		return &Answer{Err: errMisses}
	}
	return nil
}

// add notes an answer about a file, or with id "" one that only counts.
func (m *misses) add(number, id string, a Answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil {
		m.by = map[string]map[string]miss{}
	}
	if m.by[number] == nil {
		m.by[number] = map[string]miss{}
	}
	if id == "" {
		id = "#" + strconv.Itoa(len(m.by[number]))
	}
	a.Elapsed = 0
	m.by[number][id] = miss{a, m.now().Add(missLife)}
}
