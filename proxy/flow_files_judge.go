package proxy

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/policy"
)

// codeFlowMedia refuses a request of which a file could not be opened.
const codeFlowMedia = "flow_media"

// refuseFiles turns what policy allowed into a refusal where a file could not be
// opened: nobody could say what the app would get.
func refuseFiles(dec *policy.Decision, files []*FlowFile) {
	if dec.Effect != policy.Allow || !slices.ContainsFunc(files, func(f *FlowFile) bool { return f.Result != FlowOpened }) {
		return
	}
	dec.Effect, dec.Reasons = policy.Deny, []policy.Reason{{
		Code: codeFlowMedia, Rule: "files",
		Sentence: "A file that the person picked could not be fetched and checked; the record says why. Ask for it again.",
	}}
}

// flowMedia is what policy sees of the files.
func flowMedia(files []*FlowFile) []policy.Media {
	out := []policy.Media{}
	for _, f := range files {
		if f.Result == FlowOpened {
			out = append(out, policy.Media{Kind: mediaKind(f.Type), Source: "id", Bytes: int64(len(f.Content)), Mime: f.Type})
		}
	}
	return out
}

// mediaKind is policy's word for a media type.
func mediaKind(kind string) string {
	for _, k := range []string{"image", "video", "audio"} {
		if strings.HasPrefix(kind, k+"/") {
			return k
		}
	}
	return "document"
}

// keptFile is what the trail has of a file: never its content, its name or
// where it lay.
type keptFile struct {
	Result string `json:"result"`
	Type   string `json:"type,omitempty"`
	Bytes  int    `json:"bytes,omitempty"`
	MacKey uint32 `json:"mac_key,omitempty"` // version of the key of Mac
	Mac    string `json:"mac,omitempty"`     // keyed hash of the content, hex
}

type flowDetail struct {
	Action string     `json:"action"`
	Files  []keptFile `json:"files,omitempty"`
}

// flowDetailPart says what was asked for and which files came with it.
func (g *Gate) flowDetailPart(req *FlowRequest) (audit.Part, error) {
	d := flowDetail{Action: g.plain(word(strings.ToLower(req.Action)))}
	for _, f := range req.Files {
		kept := keptFile{Result: f.Result}
		if f.Result == FlowOpened {
			version, mac, err := g.originalMac(f.Content)
			if err != nil {
				return audit.Part{}, err
			}
			kept = keptFile{f.Result, f.Type, len(f.Content), version, hex.EncodeToString(mac)}
		}
		d.Files = append(d.Files, kept)
	}
	detail, err := json.Marshal(d)
	if err != nil {
		return audit.Part{}, fmt.Errorf("encode flow detail: %w", errors.New("a word does not fit"))
	}
	return audit.NewPart(audit.PartDetail, detail), nil
}
