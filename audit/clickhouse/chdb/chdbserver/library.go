package main

import (
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is the part of libchdb's C interface that the server uses, by the
// header chdb.h of chdb-io/chdb-core 26.7. A connection, result or insert is
// owned by the engine until it is closed or destroyed here. Query texts, names
// and values are bytes with their length: they may hold zeros.
type library struct {
	setSignalHandlers func(enabled int32)
	connect           func(argc int32, argv **byte) *unsafe.Pointer
	closeConnection   func(*unsafe.Pointer)

	query func(conn unsafe.Pointer, query *byte, queryLen uintptr, format *byte, formatLen uintptr,
		names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) unsafe.Pointer
	resultBuffer  func(result unsafe.Pointer) *byte
	resultLength  func(result unsafe.Pointer) uintptr
	resultError   func(result unsafe.Pointer) string
	resultRead    func(result unsafe.Pointer) uint64
	resultWritten func(result unsafe.Pointer) uint64
	destroyResult func(result unsafe.Pointer)

	insert        func(conn unsafe.Pointer, query *byte, queryLen uintptr, format *byte, formatLen uintptr) unsafe.Pointer
	appendInsert  func(insert unsafe.Pointer, data *byte, n uintptr) int32
	finishInsert  func(insert unsafe.Pointer) unsafe.Pointer
	cancelInsert  func(insert unsafe.Pointer)
	insertError   func(insert unsafe.Pointer) string
	destroyInsert func(insert unsafe.Pointer)
}

// load opens libchdb.so at path and turns its signal handlers off, which would
// otherwise take the signals that Go's scheduler lives on.
func load(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load engine: %w", err)
	}
	l := &library{}
	for name, function := range map[string]any{
		"chdb_set_signal_handlers_enabled": &l.setSignalHandlers,
		"chdb_connect":                     &l.connect,
		"chdb_close_conn":                  &l.closeConnection,
		"chdb_query_with_params_n":         &l.query,
		"chdb_result_buffer":               &l.resultBuffer,
		"chdb_result_length":               &l.resultLength,
		"chdb_result_error":                &l.resultError,
		"chdb_result_rows_read":            &l.resultRead,
		"chdb_result_rows_written":         &l.resultWritten,
		"chdb_destroy_query_result":        &l.destroyResult,
		"chdb_stream_insert_n":             &l.insert,
		"chdb_stream_append":               &l.appendInsert,
		"chdb_stream_done":                 &l.finishInsert,
		"chdb_stream_cancel_insert":        &l.cancelInsert,
		"chdb_stream_insert_error":         &l.insertError,
		"chdb_destroy_insert_stream":       &l.destroyInsert,
	} {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("find %s in the engine: %w", name, err)
		}
		purego.RegisterFunc(function, address)
	}
	l.setSignalHandlers(0)
	return l, nil
}
