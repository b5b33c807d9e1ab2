package edge

import (
	"fmt"
	"net/http"
	"time"
)

// Extend gives a request that carries a file, or whose answer does, more time
// than the listener gives others: from now on, in both directions.
func Extend(w http.ResponseWriter, d time.Duration) error {
	c, until := http.NewResponseController(w), time.Now().Add(d) // the socket's clock, not the gateway's
	if err := c.SetReadDeadline(until); err != nil {
		return fmt.Errorf("extend read deadline: %w", err)
	}
	if err := c.SetWriteDeadline(until); err != nil {
		return fmt.Errorf("extend write deadline: %w", err)
	}
	return nil
}
