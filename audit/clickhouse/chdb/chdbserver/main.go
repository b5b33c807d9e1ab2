// Command chdbserver is a real ClickHouse for tests and demonstrations: the
// engine of libchdb.so in a process of its own, over a store on disk, behind
// the part of ClickHouse's HTTP interface that clickhouse-go speaks.
//
// One line of JSON on stdout says where it listens (see Ready). It ends with
// SIGTERM or SIGINT, and with -until-eof as soon as its stdin does, so that it
// never outlives the test that started it. What was answered is on disk; a kill
// at any moment leaves the store usable. Anything that does not start is an
// error on stderr and exit code 1.
//
// What the engine lacks is not imitated: there are no users, quotas, row
// policies, replication and native protocol.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var o options
	flag.StringVar(&o.library, "library", "", "libchdb.so")
	flag.StringVar(&o.path, "path", "", "folder of the store, made if it is not there")
	flag.IntVar(&o.port, "port", 0, "port on 127.0.0.1; 0 is a free one")
	flag.BoolVar(&o.untilEOF, "until-eof", false, "end when stdin does")
	flag.BoolVar(&o.temporary, "temporary", false, "remove the folder at the end")
	flag.Parse()
	if err := run(o, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "chdbserver: %v\n", err) //nolint:errcheck // nowhere left to say it
		os.Exit(1)
	}
}
