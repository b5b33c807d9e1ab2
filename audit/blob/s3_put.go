package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// Limits of uploads: S3 takes at most 10,000 parts.
const (
	partSize = 16 << 20
	maxParts = 9000
	maxWhole = 256 << 20 // of what can be read twice, and is never in memory
)

const checksumHeader = "X-Amz-Checksum-Sha256"

// Put implements Bucket. What is larger than a part goes up in parts and is
// there once the server has put them together.
func (s *S3) Put(ctx context.Context, o Written) error {
	if err := checkKey(o.Key); err != nil {
		return err
	}
	if o.Size < 0 {
		return fmt.Errorf("store object: %w", ErrSize)
	}
	if from, ok := o.Content.(io.ReadSeeker); ok && o.Size <= maxWhole {
		return s.putWhole(ctx, o, from)
	}
	from := exactly(o.Content, o.Size)
	size := max(partSize, (o.Size+maxParts-1)/maxParts)
	if o.Size > size {
		return s.putParts(ctx, o, from, size)
	}
	content, sums, err := readPart(from, o.Size)
	if err != nil {
		return fmt.Errorf("store object: %w", err)
	}
	if err := atEnd(from); err != nil {
		return fmt.Errorf("store object: %w", err)
	}
	return s.send(ctx, o, bytes.NewReader(content), sums)
}

// putWhole reads the content once for its hash and again to send it, each time
// from its beginning.
func (s *S3) putWhole(ctx context.Context, o Written, from io.ReadSeeker) error {
	sum := sha256.New()
	_, err := from.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(sum, exactly(&stoppable{ctx, from}, o.Size))
	}
	if err == nil {
		_, err = from.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("store object: %w", unnamed(err))
	}
	return s.send(ctx, o, from, sumsOf(sum.Sum(nil)))
}

func (s *S3) send(ctx context.Context, o Written, content io.Reader, sums sums) error {
	opt := s.options(o)
	opt.UserMetadata = map[string]string{checksumHeader: sums.base64}
	_, err := s.client.PutObject(ctx, s.cfg.Bucket, s.cfg.Prefix+o.Key, content, o.Size, "", sums.hex, opt)
	return fault("store object", err)
}

func (s *S3) options(o Written) minio.PutObjectOptions {
	opt := minio.PutObjectOptions{ContentType: "application/octet-stream"}
	if s.cfg.LockMode != "" && !o.Brief {
		opt.Mode = minio.RetentionMode(strings.ToUpper(s.cfg.LockMode))
		opt.RetainUntilDate = s.cfg.Now().Add(s.cfg.LockFor).UTC().Truncate(time.Second)
	}
	return opt
}

// abortWithin is how long giving an upload up may take: the caller waits for it.
const abortWithin = time.Minute

// putParts gives an upload up where a part fails: nothing of it stays.
func (s *S3) putParts(ctx context.Context, o Written, from io.Reader, size int64) error {
	name, opt := s.cfg.Prefix+o.Key, s.options(o)
	opt.UserMetadata = map[string]string{"X-Amz-Checksum-Algorithm": "SHA256"}
	upload, err := s.client.NewMultipartUpload(ctx, s.cfg.Bucket, name, opt)
	if err != nil {
		return fault("begin an upload", err)
	}
	parts, err := s.sendParts(ctx, name, upload, o.Size, from, size)
	if err == nil {
		_, err = s.client.CompleteMultipartUpload(ctx, s.cfg.Bucket, name, upload, parts, minio.PutObjectOptions{})
		err = fault("end an upload", err)
	}
	if err != nil {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortWithin)
		defer cancel()
		_ = s.client.AbortMultipartUpload(late, s.cfg.Bucket, name, upload) //nolint:errcheck // what it leaves Sweep takes
	}
	return err
}

// sendParts sends one part while the next is read.
func (s *S3) sendParts(ctx context.Context, name, upload string, left int64, from io.Reader, size int64) ([]minio.CompletePart, error) {
	parts := make([]minio.CompletePart, (left+size-1)/size)
	sent := make(chan error, 1) // of the part on its way
	sent <- nil
	for n := range parts {
		content, sums, err := readPart(from, min(left, size))
		if left -= size; err == nil && left <= 0 {
			err = atEnd(from)
		}
		if err != nil {
			err = fmt.Errorf("store object: %w", err)
		}
		if err := errors.Join(err, <-sent); err != nil {
			return nil, err
		}
		go func() {
			var err error
			parts[n], err = s.sendPart(ctx, name, upload, n+1, content, sums)
			sent <- err
		}()
	}
	return parts, <-sent
}

func (s *S3) sendPart(ctx context.Context, name, upload string, n int, content []byte, sums sums) (minio.CompletePart, error) {
	part, err := s.client.PutObjectPart(ctx, s.cfg.Bucket, name, upload, n, bytes.NewReader(content), int64(len(content)),
		minio.PutObjectPartOptions{Sha256Hex: sums.hex, CustomHeader: http.Header{checksumHeader: {sums.base64}}})
	return minio.CompletePart{PartNumber: n, ETag: part.ETag, ChecksumSHA256: sums.base64}, fault("store a part", err)
}

// sums is a SHA-256 as the signature and as the check of the content want it.
type sums struct{ hex, base64 string }

func readPart(from io.Reader, size int64) ([]byte, sums, error) {
	content := make([]byte, size)
	if _, err := io.ReadFull(from, content); err != nil {
		return nil, sums{}, err
	}
	sum := sha256.Sum256(content)
	return content, sumsOf(sum[:]), nil
}

func sumsOf(sum []byte) sums {
	return sums{hex.EncodeToString(sum), base64.StdEncoding.EncodeToString(sum)}
}

// atEnd reports content that goes on behind its size.
func atEnd(from io.Reader) error {
	_, err := io.Copy(io.Discard, from)
	return err
}

// ErrUnlisted: the server does not list uploads that were not ended.
var ErrUnlisted = errors.New("the server does not list unfinished uploads: have a rule of the bucket end them")

// Sweep gives up the uploads below a prefix that a crash left unfinished: they
// are no objects, and cost room. Nobody may write there meanwhile. The error is
// ErrUnlisted where the server does not say which there are.
func (s *S3) Sweep(ctx context.Context, prefix string) error {
	for u := range s.client.ListIncompleteUploads(ctx, s.cfg.Bucket, s.cfg.Prefix+prefix, true) {
		if a := minio.ToErrorResponse(u.Err); a.Code == "NotImplemented" || a.StatusCode == http.StatusNotImplemented || a.StatusCode == http.StatusMethodNotAllowed {
			return ErrUnlisted
		}
		if u.Err != nil {
			return fault("look for unfinished uploads", u.Err)
		}
		if err := s.client.AbortMultipartUpload(ctx, s.cfg.Bucket, u.Key, u.UploadID); err != nil {
			return fault("give up an unfinished upload", err)
		}
	}
	return nil
}
