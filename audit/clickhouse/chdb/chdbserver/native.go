package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// newestRevision is that of clickhouse-go v2.50.0 (ClientTCPProtocolVersion).
const newestRevision = 54460

// blocks writes the engine's Native blocks, which are of protocol revision 0,
// in the revision that the client reads, one call of write for each.
func blocks(data []byte, revision uint64, write func([]byte) error) error {
	reader := chproto.NewReader(bufio.NewReader(bytes.NewReader(data)))
	var buffer chproto.Buffer
	for {
		block := proto.Block{ServerContext: &column.ServerContext{Timezone: time.UTC}}
		if err := block.Decode(reader, 0); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read block of the engine: %w", err)
		}
		buffer.Reset()
		if err := block.Encode(&buffer, revision); err != nil {
			return fmt.Errorf("write block: %w", err)
		}
		if err := write(buffer.Buf); err != nil {
			return err
		}
	}
}
