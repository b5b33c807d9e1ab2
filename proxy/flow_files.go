package proxy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// FlowOpened is the result of a file that was fetched, decrypted and fits its
// hashes. Any other one refuses the request that the file is in.
const FlowOpened = "opened"

// FlowFile is a file that a person picked in a flow. Whoever fetches it fills
// Result, Type and Content.
type FlowFile struct {
	URL      string         // where its ciphertext lies; "" where the request has no text there
	Metadata jsontext.Value // encryption_metadata: keys and hashes

	Result  string // FlowOpened, or one word that says why not
	Type    string // media type as sniffed
	Content []byte

	place   jsontext.Pointer
	address jsontext.Value // cdn_url as it came
}

// Members of a request that stand for a file (whatsapp.md 5.4).
const (
	memberAddress  = "cdn_url"
	memberMetadata = "encryption_metadata"
)

// FlowFiles finds the files of a flow request: objects with encryption_metadata.
func FlowFiles(raw []byte) ([]*FlowFile, error) {
	if !bytes.Contains(raw, []byte(memberMetadata)) && !bytes.ContainsRune(raw, '\\') {
		return nil, nil // the usual case costs no second reading
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, fmt.Errorf("look for files: %w", errors.New("it is not one JSON value"))
	}
	out, err := filesIn(value, "", nil)
	slices.SortFunc(out, func(a, b *FlowFile) int { return cmp.Compare(a.place, b.place) })
	return out, err
}

func filesIn(value any, at jsontext.Pointer, out []*FlowFile) ([]*FlowFile, error) {
	var err error
	switch v := value.(type) {
	case []any:
		for i, each := range v {
			if out, err = filesIn(each, at.AppendToken(strconv.Itoa(i)), out); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		if _, is := v[memberMetadata]; is {
			f, err := fileOf(v, at)
			return append(out, f), err
		}
		for name, each := range v {
			if out, err = filesIn(each, at.AppendToken(name), out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func fileOf(object map[string]any, at jsontext.Pointer) (*FlowFile, error) {
	f := &FlowFile{place: at}
	f.URL, _ = object[memberAddress].(string)
	var err error
	if f.Metadata, err = json.Marshal(object[memberMetadata], json.Deterministic(true)); err != nil {
		return nil, fmt.Errorf("read file: %w", errors.New("its metadata are damaged"))
	}
	if address, has := object[memberAddress]; has {
		if f.address, err = json.Marshal(address, json.Deterministic(true)); err != nil {
			return nil, fmt.Errorf("read file: %w", errors.New("its address is damaged"))
		}
	}
	return f, nil
}

// inlineMembers are what an app gets in place of address and keys.
var inlineMembers = []string{"mime_type", "sha256", "file_size", "data"}

// withoutFiles is the request without addresses and keys of its files: what is
// scanned, judged and kept.
func withoutFiles(raw []byte, files []*FlowFile, inline bool) ([]byte, error) {
	if len(files) == 0 {
		return raw, nil
	}
	drop := []string{memberAddress, memberMetadata}
	if inline {
		drop = append(drop, inlineMembers...)
	}
	add := map[jsontext.Pointer][]flowMember{}
	for _, f := range files {
		add[f.place] = nil
	}
	return editObjects(raw, drop, add)
}

// withFiles is the request as the app gets it.
func withFiles(body []byte, files []*FlowFile, inline bool) ([]byte, error) {
	if len(files) == 0 {
		return body, nil
	}
	add := map[jsontext.Pointer][]flowMember{}
	for _, f := range files {
		add[f.place] = f.reference()
		if inline {
			var err error
			if add[f.place], err = f.inline(); err != nil {
				return nil, err
			}
		}
	}
	return editObjects(body, nil, add)
}

func (f *FlowFile) reference() []flowMember {
	return []flowMember{{memberAddress, f.address}, {memberMetadata, f.Metadata}}
}

func (f *FlowFile) inline() (out []flowMember, err error) {
	sum := sha256.Sum256(f.Content)
	for i, v := range []any{f.Type, hex.EncodeToString(sum[:]), len(f.Content), f.Content} {
		value, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("write file: %w", errors.New("its type is no text"))
		}
		out = append(out, flowMember{inlineMembers[i], value})
	}
	return out, nil
}
