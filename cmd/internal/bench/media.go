package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/cmd/internal/bench/machine"
)

// Media is how fast files go through Postern over some streams at once: up to the
// simulator, each sealed into the store on its way, and down from the store.
type Media struct {
	Streams  float64 `json:"streams"`
	FileMB   float64 `json:"file_mb"`
	Files    float64 `json:"files"` // uploaded
	Up       float64 `json:"up_mb_per_s"`
	Down     float64 `json:"down_mb_per_s"`
	UpCPU    float64 `json:"up_cpu_ms_per_mb"` // of the gateway process
	DownCPU  float64 `json:"down_cpu_ms_per_mb"`
	Resident float64 `json:"resident_mb"` // the highest seen
}

const (
	mediaStreams = 4
	mediaFile    = 8 << 20
	megabyte     = 1_000_000
)

// couriers carry files.
type couriers struct {
	client *http.Client
	base   string // of the app listener
	key    string
	form   []byte
	kind   string
}

func (b *bench) media(ctx context.Context, s site) (*Media, error) {
	tls, err := s.clientTLS()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: tls, MaxIdleConnsPerHost: mediaStreams}
	defer transport.CloseIdleConnections()
	c := &couriers{client: &http.Client{Transport: transport}, base: "https://" + b.gateway.config.Listeners.App.Address, key: b.gateway.key}
	if err := c.pack(); err != nil {
		return nil, err
	}
	watch := watchMemory(b.postern.pid)
	out, err := b.carry(ctx, c)
	out.Resident = float64(watch()) / (1 << 20)
	return out, err
}

func (b *bench) carry(ctx context.Context, c *couriers) (out *Media, err error) {
	out = &Media{Streams: mediaStreams, FileMB: float64(mediaFile) / megabyte}
	ids := make([]string, mediaStreams)
	up, err := b.streams(ctx, func(stream int) (n int64, err error) {
		ids[stream], err = c.upload(ctx)
		return mediaFile, err
	})
	if err != nil {
		return out, err
	}
	links := make([]string, mediaStreams)
	for i, id := range ids {
		if links[i], err = c.link(ctx, id); err != nil {
			return out, err
		}
	}
	down, err := b.streams(ctx, func(stream int) (int64, error) { return c.fetch(ctx, links[stream]) })
	out.Files, out.Up, out.UpCPU, out.Down, out.DownCPU = up.mb/out.FileMB, up.rate, up.cpu, down.rate, down.cpu
	return out, err
}

// carried is what streams moved.
type carried struct{ mb, rate, cpu float64 }

// streams has each stream do its file again and again for a measurement's time,
// at least once.
func (b *bench) streams(ctx context.Context, do func(stream int) (int64, error)) (carried, error) {
	before, err := machine.Process(b.postern.pid)
	if err != nil {
		return carried{}, err
	}
	begin, moved := time.Now(), make([]int64, mediaStreams)
	group, ctx := errgroup.WithContext(ctx)
	for i := range mediaStreams {
		group.Go(func() error {
			for {
				n, err := do(i)
				moved[i] += n
				if err != nil || ctx.Err() != nil || time.Since(begin) > b.options.Duration {
					return err
				}
			}
		})
	}
	err = group.Wait()
	took := time.Since(begin).Seconds()
	after, readErr := machine.Process(b.postern.pid)
	sum := 0.0
	for _, n := range moved {
		sum += float64(n) / megabyte
	}
	return carried{sum, sum / took, float64(after.Sub(before).CPU.Milliseconds()) / max(sum, 1)}, errors.Join(err, readErr)
}

// pack makes the form of an upload once, of bytes that nobody can shorten.
func (c *couriers) pack() error {
	file := make([]byte, mediaFile)
	seed := rand.NewChaCha8([32]byte{})
	if _, err := seed.Read(file); err != nil {
		return fmt.Errorf("make file: %w", err)
	}
	copy(file, "%PDF-1.7\n")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := errors.Join(form.WriteField("messaging_product", "whatsapp"), form.WriteField("type", "application/pdf"))
	part, partErr := form.CreateFormFile("file", "paper.pdf")
	if err = errors.Join(err, partErr); err != nil {
		return fmt.Errorf("make form: %w", err)
	}
	_, err = part.Write(file)
	c.kind = form.FormDataContentType()
	err = errors.Join(err, form.Close())
	c.form = body.Bytes()
	return err
}

func (c *couriers) upload(ctx context.Context) (id string, err error) {
	var out struct {
		ID string `json:"id"`
	}
	err = c.read(ctx, http.MethodPost, "/"+graphVersion+"/"+phoneID+"/media", c.form, &out)
	return out.ID, err
}

func (c *couriers) link(ctx context.Context, id string) (string, error) {
	var out struct {
		URL string `json:"url"`
	}
	err := c.read(ctx, http.MethodGet, "/"+graphVersion+"/"+id, nil, &out)
	return out.URL, err
}

func (c *couriers) read(ctx context.Context, method, path string, body []byte, out any) error {
	resp, err := c.ask(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("read answer about a file: %w", err)
	}
	return nil
}

func (c *couriers) fetch(ctx context.Context, link string) (int64, error) {
	resp, err := c.ask(ctx, http.MethodGet, link, nil)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err == nil && n != mediaFile {
		err = fmt.Errorf("a file of %d bytes came back with %d", mediaFile, n)
	}
	return n, err
}

func (c *couriers) ask(ctx context.Context, method, url string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("carry a file: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		req.Header.Set("Content-Type", c.kind)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("carry a file: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("carry a file: answered with status %d", resp.StatusCode), resp.Body.Close())
	}
	return resp, nil
}

func (m *Media) print(p *page) {
	p.line("\nfiles of %s MB over %.0f streams at once: %.0f up at %s MB/s (%s ms CPU a MB), down at %s MB/s (%s ms CPU a MB); memory %s MB",
		num(m.FileMB), m.Streams, m.Files, num(m.Up), num(m.UpCPU), num(m.Down), num(m.DownCPU), num(m.Resident))
}
