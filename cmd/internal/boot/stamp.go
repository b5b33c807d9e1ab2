package boot

import (
	"net/url"
	"time"

	timestamps "postern/audit/stamp"
)

// Stamp is an authority that confirms when checkpoints existed (RFC 3161). The
// zero value asks none.
type Stamp struct {
	URL   string        `json:"url"`
	CA    string        `json:"ca"` // roots of the authority's certificate, and of https beside the system's
	Every time.Duration `json:"every"`
}

const (
	stampRemedy   = "write the authority's http or https address, such as https://tsa.example/stamp"
	stampCARemedy = "write a PEM file with the roots of the authority's certificate"
)

func (r *reader) stamp(s *section) Stamp {
	defer s.done()
	out := Stamp{
		URL: s.text("url", "", stampRemedy), CA: s.file("ca", "", stampCARemedy),
		Every: s.duration("every", time.Hour, 10*time.Second, 30*24*time.Hour),
	}
	if out == (Stamp{Every: time.Hour}) {
		return Stamp{}
	}
	u, err := url.Parse(out.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		r.reportAt("checkpoints.stamp.url", "checkpoints.stamp.url is no address", stampRemedy)
	}
	if _, err := timestamps.Roots(out.CA); err != nil {
		r.reportAt("checkpoints.stamp.ca", "checkpoints.stamp.ca can not be used", stampCARemedy)
	}
	return out
}
