package xds

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// pack wraps a message as an extension's configuration.
func (b *builder) pack(m proto.Message) *anypb.Any {
	out := &anypb.Any{}
	if err := anypb.MarshalFrom(out, m, proto.MarshalOptions{Deterministic: true}); err != nil {
		b.fail(fmt.Errorf("encode %s: %w", m.ProtoReflect().Descriptor().Name(), err))
	}
	return out
}

func isUnix(address string) bool { return strings.HasPrefix(address, "unix:") }

// address is a socket's or a pipe's.
func (b *builder) address(s string) *corev3.Address {
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		return &corev3.Address{Address: &corev3.Address_Pipe{Pipe: &corev3.Pipe{Path: path}}}
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		b.fail(fmt.Errorf("%q is no address: write host:port or unix:/path", s))
		return nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		b.fail(fmt.Errorf("%q has no port: write host:port", s))
		return nil
	}
	if host == "" {
		host = "0.0.0.0"
	}
	return &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{
		Address: host, PortSpecifier: &corev3.SocketAddress_PortValue{PortValue: uint32(n)},
	}}}
}

func seconds(d time.Duration) *durationpb.Duration { return durationpb.New(d) }

func count(n int) *wrapperspb.UInt32Value {
	return wrapperspb.UInt32(uint32(min(max(n, 0), 1<<31))) //nolint:gosec // bounded in the same line
}

func text(s string) *corev3.DataSource {
	return &corev3.DataSource{Specifier: &corev3.DataSource_InlineString{InlineString: s}}
}

func file(path string) *corev3.DataSource {
	return &corev3.DataSource{Specifier: &corev3.DataSource_Filename{Filename: path}}
}
