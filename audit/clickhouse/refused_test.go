package clickhouse

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// TestRefusalsQuoteNothing: of what the server or the driver says only numbers
// are kept: their words may quote rows, and addresses hold users and settings.
func TestRefusalsQuoteNothing(t *testing.T) {
	for _, err := range []error{
		&clickhouse.Exception{Code: 6, Name: "Maria", Message: "Cannot parse string 'Maria'", StackTrace: "Maria"},
		fmt.Errorf("read: %w", &clickhouse.Exception{Code: 395, Message: "Maria: while executing"}),
		&clickhouse.HTTPError{StatusCode: 500, Err: errors.New("Maria")},
		&url.Error{Op: "Post", URL: "http://Maria@127.0.0.1:1/?database=Maria", Err: errors.New("connection refused")},
	} {
		if got := refused(err); got == nil || strings.Contains(got.Error(), "Maria") {
			t.Errorf("%v", got)
		}
	}
}
