// Package peer holds what the benchmark puts behind an Envoy in Postern's
// place: a processor that lets everything pass, and what a user would pick
// instead of Postern, OPA with its decision log. Hold keeps streams open at any
// processor.
//
// It imports Envoy's API types, gRPC and OPA beside the packages of the program
// that alone do: a rival is nothing that the program should share code with.
// An error of a peer is one of the call, which its Envoy then refuses.
package peer

import (
	"errors"
	"io"

	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// maxBody is what a peer takes of one message, above Envoy's own limit.
const maxBody = 8 << 20

// Allow is a processor for ext_proc that changes nothing.
func Allow() *grpc.Server {
	s := grpc.NewServer(grpc.MaxRecvMsgSize(maxBody))
	extproc.RegisterExternalProcessorServer(s, allow{})
	return s
}

type allow struct{}

// Process answers each message of a request with the word to go on.
func (allow) Process(stream extproc.ExternalProcessor_ProcessServer) error {
	for {
		in, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		out, known := goOn(in)
		if !known {
			return status.Error(codes.Unimplemented, "only headers and bodies are asked for")
		}
		if err := stream.Send(out); err != nil {
			return err
		}
	}
}

func goOn(in *extproc.ProcessingRequest) (out *extproc.ProcessingResponse, known bool) {
	switch in.GetRequest().(type) {
	case *extproc.ProcessingRequest_RequestHeaders:
		return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_RequestHeaders{RequestHeaders: &extproc.HeadersResponse{}}}, true
	case *extproc.ProcessingRequest_RequestBody:
		return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_RequestBody{RequestBody: &extproc.BodyResponse{}}}, true
	case *extproc.ProcessingRequest_ResponseHeaders:
		return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_ResponseHeaders{ResponseHeaders: &extproc.HeadersResponse{}}}, true
	case *extproc.ProcessingRequest_ResponseBody:
		return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_ResponseBody{ResponseBody: &extproc.BodyResponse{}}}, true
	}
	return nil, false
}
