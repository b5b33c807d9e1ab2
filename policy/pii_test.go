package policy_test

import (
	"testing"

	"postern/policy/pii"
)

// What the settings accept, the personal-data engine can carry out.
func TestDefaultsFitThePersonalDataEngine(t *testing.T) {
	s := engine(t, "").Settings()
	for _, c := range []struct {
		sink      pii.Sink
		operators map[string]string
	}{{pii.Forward, s.PersonalData.Outbound}, {pii.Forward, s.PersonalData.Inbound}, {pii.Record, s.PersonalData.Record}} {
		if _, err := pii.NewTreatment(c.sink, c.operators, nil); err != nil {
			t.Error(err)
		}
	}
	for _, op := range []string{"keep", "alert", "mask", "redact", "drop", "hash", "token", "block"} {
		if _, err := pii.ParseOperator(op); err != nil {
			t.Errorf("settings accept %q: %v", op, err)
		}
	}
	for _, level := range []pii.Level{pii.Possible, pii.Likely, pii.Certain} {
		if _, err := decode(t, "personal_data: {block_from: "+level.String()+"}"); err != nil {
			t.Errorf("level %v: %v", level, err)
		}
	}
}
