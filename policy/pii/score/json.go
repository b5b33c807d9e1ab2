package score

import "encoding/json"

// counted is a count as programs read it: shares with three decimals, null
// where there is nothing to share.
type counted struct {
	Key       string `json:"key,omitempty"`
	Labels    int    `json:"labels"`
	Found     int    `json:"found"`
	Named     int    `json:"named"`
	Right     int    `json:"right"`
	Wrong     int    `json:"wrong"`
	Recall    ratio  `json:"recall"`
	Precision ratio  `json:"precision"`
	F1        ratio  `json:"f1"`
}

// ratio is a share in thousandths, -1 for none.
type ratio int

func (r ratio) MarshalJSON() ([]byte, error) {
	if r < 0 {
		return []byte("null"), nil
	}
	return []byte(Ratio(int(r))), nil
}

// MarshalJSON gives the counts and the shares they make.
func (c Count) MarshalJSON() ([]byte, error) { return json.Marshal(c.counted("")) }

// MarshalJSON gives the key, the counts and the shares they make.
func (r Row) MarshalJSON() ([]byte, error) { return json.Marshal(r.counted(r.Key)) }

func (c Count) counted(key string) counted {
	return counted{key, c.Labels, c.Found, c.Named, c.Right, c.Wrong, ratio(c.Recall()), ratio(c.Precision()), ratio(c.F1())}
}
