package audit_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"postern/audit"
)

// TestEveryByte changes every byte of every field and part of every record and
// demands that exactly this record is named.
func TestEveryByte(t *testing.T) {
	m, _, v := signed(t, 5, 3, 5)
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v}, Workers: 1}
	for _, seq := range []int{0, 2, 4} {
		all := places(reflect.ValueOf(&m.records[seq]).Elem(), "")
		if len(all) < 750 {
			t.Errorf("record %d: only %d places found", seq, len(all))
		}
		for _, p := range all {
			p.flip()
			r := verify(t, m, opt)
			if r.OK() {
				t.Errorf("record %d: change of %s not found", seq, p.name)
			}
			for _, f := range r.Findings {
				if f.Seq != uint64(seq) || f.Last != f.Seq || f.ID != m.records[seq].ID { //nolint:gosec // small
					t.Errorf("record %d, %s changed: %s %v", seq, p.name, f.Fault, f)
				}
				if strings.HasSuffix(p.name, ".Body") && (f.Fault != audit.FaultPart || !strings.HasPrefix(p.name, ".Parts."+f.Part)) {
					t.Errorf("record %d, %s changed: %s, want the part named", seq, p.name, f)
				}
			}
			p.flip()
		}
	}
	wantOK(t, verify(t, m, opt))
}

// place is one byte or value of a record; flip twice is nothing.
type place struct {
	name string
	flip func()
}

// places lists what can be changed in v. Seq is left out: stores keep records
// by it, so it is a record removed and another added.
func places(v reflect.Value, name string) (all []place) {
	switch v.Kind() {
	case reflect.Struct:
		if p, ok := v.Addr().Interface().(*audit.Part); ok {
			name = ".Parts." + p.Name
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i).Name; f != "Seq" && f != "Erased" {
				all = append(all, places(v.Field(i), name+"."+f)...)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			all = append(all, places(v.Index(i), name)...)
		}
	case reflect.String:
		for i := range v.Len() {
			all = append(all, place{name, func() {
				b := []byte(v.String())
				b[i] ^= 1
				v.SetString(string(b))
			}})
		}
	case reflect.Bool:
		all = append(all, place{name, func() { v.SetBool(!v.Bool()) }})
	case reflect.Int64:
		all = append(all, place{name, func() { v.SetInt(v.Int() ^ 1) }})
	default:
		all = append(all, place{name, func() { v.SetUint(v.Uint() ^ 1) }})
	}
	return all
}

func TestRecordRemoved(t *testing.T) {
	m, _, v := signed(t, 9000, 100, 5000, 9000)
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v}}
	for _, seq := range []uint64{0, 1, 4095, 4096, 4097, 8998} {
		c := m.clone()
		c.records = slices.Delete(c.records, int(seq), int(seq)+1) //nolint:gosec // small
		r := verify(t, c, opt)
		wantOnly(t, r, audit.FaultMissing, seq)
		if r.Checkpoints != 3 {
			t.Errorf("record %d missing: %d checkpoints hold, want 3: the link says what it was", seq, r.Checkpoints)
		}
	}
	c := m.clone()
	c.records = slices.Delete(c.records, 300, 8500)
	r := verify(t, c, opt)
	if got := summary(r); got != "[rewritten 100-4999 missing 300-8499]" {
		t.Errorf("got %s", got)
	}
}

func summary(r audit.Report) string {
	var s []string
	for _, f := range r.Findings {
		s = append(s, fmt.Sprintf("%s %d-%d", f.Fault, f.Seq, f.Last))
	}
	return fmt.Sprint(s)
}

// TestHugeSequence: one record with an absurd number must not keep Verify busy.
func TestHugeSequence(t *testing.T) {
	m, _, v := signed(t, 5000, 5000)
	m.records[4999].Seq = 1 << 62
	r := verify(t, m, audit.VerifyOptions{Verifiers: []audit.Verifier{v}})
	if got := summary(r); !strings.HasPrefix(got, "[rewritten 0-4999 missing 4999-4611686018427387903 leaf 4611686018427387904-") {
		t.Errorf("got %s", got)
	}
}

func TestRecordsSwapped(t *testing.T) {
	m, _, v := signed(t, 50, 50)
	a, b := &m.records[10], &m.records[20]
	*a, *b = *b, *a
	a.Seq, b.Seq = b.Seq, a.Seq
	r := verify(t, m, audit.VerifyOptions{Verifiers: []audit.Verifier{v}})
	if got := summary(r); got != "[leaf 10-10 leaf 20-20]" {
		t.Errorf("got %s", got)
	}
}
