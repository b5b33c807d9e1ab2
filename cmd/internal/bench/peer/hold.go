package peer

import (
	"context"
	"errors"
	"fmt"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	filter "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Hold opens streams at a processor on a unix socket as Envoy does, sends the
// headers of a request on each, whose body is still to come, waits for the
// answers and keeps the streams open. The call that it gives ends them.
func Hold(ctx context.Context, socket string, streams int, headers [][2]string) (end func() error, err error) {
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("reach processor: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	end = func() error {
		cancel()
		return conn.Close()
	}
	for range streams {
		if err := hold(ctx, conn, headers); err != nil {
			return nil, errors.Join(fmt.Errorf("open stream: %w", err), end())
		}
	}
	return end, nil
}

func hold(ctx context.Context, conn *grpc.ClientConn, headers [][2]string) error {
	stream, err := extproc.NewExternalProcessorClient(conn).Process(ctx)
	if err != nil {
		return err
	}
	list := make([]*core.HeaderValue, 0, len(headers))
	for _, h := range headers {
		list = append(list, &core.HeaderValue{Key: h[0], RawValue: []byte(h[1])})
	}
	err = stream.Send(&extproc.ProcessingRequest{
		Request:        &extproc.ProcessingRequest_RequestHeaders{RequestHeaders: &extproc.HttpHeaders{Headers: &core.HeaderMap{Headers: list}}},
		ProtocolConfig: &extproc.ProtocolConfiguration{RequestBodyMode: filter.ProcessingMode_BUFFERED, ResponseBodyMode: filter.ProcessingMode_BUFFERED},
	})
	if err != nil {
		return err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	if answer.GetRequestHeaders() == nil {
		return errors.New("the processor did not ask for the body")
	}
	return nil
}
