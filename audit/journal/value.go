package journal

import (
	"database/sql/driver"
	"strings"
)

// Values of rows. A column of another type reads as the zero value: a row that
// was tampered with is then named by Verify instead of stopping the reader.

func asInt(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

func asUint(v driver.Value) uint64 { return uint64(asInt(v)) } //nolint:gosec // sequence numbers are not negative

func asString(v driver.Value) string {
	s, _ := v.(string)
	return s
}

func asBytes(v driver.Value) []byte {
	b, _ := v.([]byte)
	return b
}

// orNull keeps empty values out of rows and indexes.

func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func idOrNull(id [16]byte) any {
	if id == [16]byte{} {
		return nil
	}
	return id[:]
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func intOrNull(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// Lists are kept one item a line; the encoding of records refuses control
// characters and empty items, so this loses nothing.

func joinList(items []string) string {
	if len(items) == 1 {
		return items[0]
	}
	return strings.Join(items, "\n")
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
