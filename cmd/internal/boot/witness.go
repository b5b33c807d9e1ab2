package boot

import (
	"net/url"
	"strings"

	"postern/audit"
)

const witnessRemedy = "write a list of \"URL KEY\", the key as postern audit witness prints it"

func (r *reader) witnesses(s *section) []Witness {
	var out []Witness
	for _, text := range s.texts("witnesses", witnessRemedy) {
		address, key, _ := strings.Cut(text, " ")
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" {
			r.reportAt("checkpoints.witnesses", "checkpoints.witnesses holds what is no address", witnessRemedy)
			continue
		}
		if _, err := audit.ParseWitness(key); err != nil {
			r.reportAt("checkpoints.witnesses", "checkpoints.witnesses holds what is no witness's key", witnessRemedy)
			continue
		}
		out = append(out, Witness{URL: strings.TrimSuffix(address, "/"), Key: key})
	}
	return out
}
