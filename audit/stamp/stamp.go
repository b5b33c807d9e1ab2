// Package stamp asks a time-stamping authority (RFC 3161) to confirm when a
// signed checkpoint existed, and checks such stamps, with nothing else at hand.
//
// It fails closed: an answer that is not over these bytes, not to this request,
// not signed, or not by a certificate for time stamps that the given roots vouch
// for and that was valid at the stamp's own time, is no stamp.
package stamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// ErrStamp is wrapped by every refusal of a stamp.
var ErrStamp = errors.New("the time stamp does not hold")

// ErrAway means that the authority gave no answer.
var ErrAway = errors.New("the time-stamping authority does not answer")

// maxAnswer bounds an answer in bytes: a token with a chain of certificates.
const maxAnswer = 64 << 10

// Ask has the authority at url stamp the note and returns its whole answer (DER
// of a TimeStampResp), checked against roots, with the time it says. Errors
// hold no address.
func Ask(ctx context.Context, client *http.Client, url string, note []byte, roots *x509.CertPool) ([]byte, time.Time, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("make nonce: %w", err)
	}
	sum := sha256.Sum256(note)
	request, err := (&timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Nonce: nonce, Certificates: true}).Marshal()
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("make request: %w", err)
	}
	answer, err := post(ctx, client, url, request)
	if err != nil {
		return nil, time.Time{}, err
	}
	at, err := check(note, answer, nonce, roots)
	return answer, at, err
}

func post(ctx context.Context, client *http.Client, url string, request []byte) (answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(request))
	if err != nil {
		return nil, fmt.Errorf("%w: its address can not be used", ErrAway)
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	resp, err := client.Do(req)
	if err != nil {
		return nil, ErrAway
	}
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("%w: its answer was cut short", ErrAway)
	}
	if resp.StatusCode != http.StatusOK || len(answer) > maxAnswer {
		return nil, fmt.Errorf("%w: status %d, %d bytes", ErrAway, resp.StatusCode, len(answer))
	}
	return answer, nil
}

// Check says when the note existed, as an answer that was kept proves it.
func Check(note, answer []byte, roots *x509.CertPool) (time.Time, error) {
	return check(note, answer, nil, roots)
}

// check also wants the request's nonce where one is given: without it an old
// answer could be played again.
func check(note, answer []byte, nonce *big.Int, roots *x509.CertPool) (time.Time, error) {
	t, err := timestamp.ParseResponse(answer)
	sum := sha256.Sum256(note)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("%w: it is not whole, was refused, or its signature does not fit", ErrStamp)
	case len(t.Certificates) == 0:
		return time.Time{}, fmt.Errorf("%w: it holds no certificate", ErrStamp)
	case t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, sum[:]):
		return time.Time{}, fmt.Errorf("%w: it is over something else", ErrStamp)
	case nonce != nil && (t.Nonce == nil || t.Nonce.Cmp(nonce) != 0):
		return time.Time{}, fmt.Errorf("%w: it answers another request", ErrStamp)
	}
	return t.Time, vouched(t, roots)
}

// vouched holds the signer's certificate against the roots, at the stamp's time:
// one that expired since does not undo what it signed before.
func vouched(t *timestamp.Timestamp, roots *x509.CertPool) error {
	p7, err := pkcs7.Parse(t.RawToken)
	if err != nil {
		return fmt.Errorf("%w: it is not whole", ErrStamp)
	}
	signer := p7.GetOnlySigner()
	if roots == nil { // which would mean the system's
		return fmt.Errorf("%w: no roots are given", ErrStamp)
	}
	if signer == nil || len(signer.ExtKeyUsage) != 1 || signer.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping {
		return fmt.Errorf("%w: it is not signed by one certificate for time stamps alone", ErrStamp)
	}
	between := x509.NewCertPool()
	for _, c := range t.Certificates {
		between.AddCert(c)
	}
	_, err = signer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	var expired x509.CertificateInvalidError
	switch {
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return fmt.Errorf("%w: the signer's certificate was not valid at its time", ErrStamp)
	case err != nil:
		return fmt.Errorf("%w: the given roots do not vouch for its signer", ErrStamp)
	}
	return nil
}
