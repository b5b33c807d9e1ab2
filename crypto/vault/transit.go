package vault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/vault/api"
)

// transitType is the kind of key that is taken: it binds what it wraps to
// associated data.
const transitType = "aes256-gcm96"

// ErrReplaced is an ErrRefused, too: the transit key does not open what it is
// said to have wrapped, and neither policy nor versions are why.
var ErrReplaced = errors.New("another key stands under this name")

// Transit is one key of a transit engine, which wraps keys: what it wrapped
// opens with its help only. It is safe for concurrent use.
type Transit struct {
	client      *Client
	mount, name string
}

// TransitKey is what Vault says of a transit key.
type TransitKey struct {
	Latest int // version that wraps
	Oldest int // version that still opens: min_decryption_version
}

// Transit is the key with this name at a mount. Nothing is asked yet.
func (c *Client) Transit(mount, name string) *Transit {
	return &Transit{client: c, mount: mount, name: name}
}

// Look asks which versions the key has. A key of another type is refused.
func (t *Transit) Look(ctx context.Context) (TransitKey, error) {
	what := "look at transit key " + t.name
	s, err := t.client.call(ctx, what, func(ctx context.Context, a *api.Client) (*api.Secret, error) {
		return found(a.Logical().ReadWithContext(ctx, t.mount+"/keys/"+t.name))
	})
	if err != nil {
		return TransitKey{}, err
	}
	if derived, _ := s.Data["derived"].(bool); derived || text(s, "type") != transitType {
		return TransitKey{}, fmt.Errorf("%s: %w: it must be of type %s and not derived; make one that is, under another name", what, ErrRefused, transitType)
	}
	k := TransitKey{Latest: number(s.Data["latest_version"]), Oldest: number(s.Data["min_decryption_version"])}
	if k.Latest == 0 || k.Oldest == 0 {
		return TransitKey{}, fmt.Errorf("%s: %w: the answer names no version", what, ErrAway)
	}
	return k, nil
}

// number is a positive number of an answer, 0 if it is none.
func number(v any) int {
	n, _ := v.(json.Number)
	i, err := strconv.Atoi(n.String())
	if err != nil || i < 0 {
		return 0
	}
	return i
}

// TransitVersion is the version of the key that wrapped this, 0 if it was not
// wrapped by transit.
func TransitVersion(wrapped string) int {
	parts := strings.SplitN(wrapped, ":", 3)
	if len(parts) != 3 || parts[0] != "vault" || !strings.HasPrefix(parts[1], "v") {
		return 0
	}
	return number(json.Number(parts[1][1:]))
}

// Wrap wraps each of plain, bound to the bytes of the same index, in one call.
func (t *Transit) Wrap(plain, bound [][]byte) ([]string, error) {
	items := make([]map[string]any, len(plain))
	for i := range plain {
		items[i] = map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain[i]), "associated_data": base64.StdEncoding.EncodeToString(bound[i])}
	}
	return t.batch("encrypt", "wrap keys by transit key "+t.name, "ciphertext", items)
}

// Unwrap opens what Wrap returned for the same bytes, in one call.
func (t *Transit) Unwrap(wrapped []string, bound [][]byte) ([][]byte, error) {
	items := make([]map[string]any, len(wrapped))
	for i := range wrapped {
		items[i] = map[string]any{"ciphertext": wrapped[i], "associated_data": base64.StdEncoding.EncodeToString(bound[i])}
	}
	what := "unwrap keys by transit key " + t.name
	texts, err := t.batch("decrypt", what, "plaintext", items)
	if errors.Is(err, ErrRefused) {
		return nil, t.explain(err, wrapped)
	}
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(texts))
	for i := range texts {
		if out[i], err = base64.StdEncoding.DecodeString(texts[i]); err != nil {
			return nil, fmt.Errorf("%s: %w: the answer is no text of Vault's", what, ErrAway)
		}
	}
	return out, nil
}

// batch gives one member of each result, in the order of items.
func (t *Transit) batch(operation, what, member string, items []map[string]any) ([]string, error) {
	s, err := t.client.call(context.Background(), what, func(ctx context.Context, a *api.Client) (*api.Secret, error) {
		return found(a.Logical().WriteWithContext(ctx, t.mount+"/"+operation+"/"+t.name, map[string]any{"batch_input": items}))
	})
	if err != nil {
		return nil, err
	}
	results, _ := s.Data["batch_results"].([]any)
	if len(results) != len(items) {
		return nil, fmt.Errorf("%s: %w: the answer has %d results for %d keys", what, ErrAway, len(results), len(items))
	}
	out := make([]string, len(results))
	for i := range results {
		result, _ := results[i].(map[string]any)
		out[i], _ = result[member].(string)
		if out[i] == "" {
			return nil, fmt.Errorf("%s: %w (400): not all of them are its work", what, ErrRefused)
		}
	}
	return out, nil
}

// explain finds out why a good token may not unwrap.
func (t *Transit) explain(refused error, wrapped []string) error {
	k, err := t.Look(context.Background())
	if err != nil {
		return errors.Join(refused, err)
	}
	if errors.Is(refused, errForbidden) {
		return refused
	}
	for _, w := range wrapped {
		if v := TransitVersion(w); v < k.Oldest {
			return fmt.Errorf("%w: version %d wrapped some of them, and min_decryption_version is %d; lower it (vault write %s/keys/%s/config min_decryption_version=%d) until they are wrapped again",
				refused, v, k.Oldest, t.mount, t.name, v)
		}
	}
	return fmt.Errorf("%w: %w: restore the transit key, or a copy of the keystore that does not need it", refused, ErrReplaced)
}
