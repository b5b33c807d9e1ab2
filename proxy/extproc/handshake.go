package extproc

import (
	"crypto/tls"
	"net"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// Credentials are a gRPC server's for Envoys alone. side asks for their
// certificates; nil is for a unix socket. failed hears why a handshake failed, in
// words that may hold what the other side sent: for counting only. Nil hears
// nothing.
func Credentials(side *tls.Config, failed func(failure string)) credentials.TransportCredentials {
	if side == nil {
		return insecure.NewCredentials()
	}
	if failed == nil {
		return credentials.NewTLS(side)
	}
	return told{credentials.NewTLS(side), failed}
}

// told says what gRPC keeps to itself.
type told struct {
	credentials.TransportCredentials
	failed func(failure string)
}

// ServerHandshake implements credentials.TransportCredentials.
func (c told) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	secured, info, err := c.TransportCredentials.ServerHandshake(conn)
	if err != nil {
		c.failed(err.Error())
	}
	return secured, info, err
}

// Clone implements credentials.TransportCredentials.
func (c told) Clone() credentials.TransportCredentials {
	return told{c.TransportCredentials.Clone(), c.failed}
}
