package sim

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/state"
)

// Values of Storage.Status, as Meta writes them. A number that nobody set
// anything for shows StorageDefault.
const (
	StorageDefault  = "DEFAULT"
	StorageLocal    = "IN_COUNTRY_STORAGE_ENABLED"
	StorageDisabled = "IN_COUNTRY_STORAGE_DISABLED"
	StorageNone     = "NO_STORAGE_ENABLED"
)

// Storage is where the messages of a number rest.
type Storage struct {
	Status    string `json:"status"`
	Region    string `json:"data_localization_region,omitempty"` // of StorageLocal
	Retention int    `json:"retention_minutes,omitzero"`         // of StorageNone: 60
}

// regions are those of Local Storage.
var regions = []string{"AE", "AU", "BH", "BR", "CA", "CH", "DE", "GB", "ID", "IN", "JP", "KR", "SG", "ZA"}

// noStorageMinutes is how long No Storage keeps what is on its way, and the
// shortest life of a file; a file's longest is as long as others live.
const noStorageMinutes = 60

func (st Storage) check() *graph.Error {
	switch {
	case st.Status == StorageLocal && slices.Contains(regions, st.Region) && st.Retention == 0,
		st.Status == StorageDisabled && st.Region == "" && st.Retention == 0,
		st.Status == StorageNone && st.Region == "" && st.Retention == noStorageMinutes:
		return nil
	case st.Status == StorageLocal:
		return graph.New(100, "Param data_localization_region must be a region of Local Storage.")
	case st.Status == StorageNone:
		return graph.New(100, "Param retention_minutes must be 60.")
	}
	return graph.New(100, "Param status must be IN_COUNTRY_STORAGE_ENABLED, IN_COUNTRY_STORAGE_DISABLED or NO_STORAGE_ENABLED.")
}

// postStorage sets where the messages of a number rest. That is possible only
// while it is not registered.
func (s *Server) postStorage(r *request) answer {
	var in struct {
		Storage Storage `json:"storage_configuration"`
	}
	if err := json.Unmarshal(r.body, &in, json.RejectUnknownMembers(true)); err != nil {
		return s.refuse(graph.New(100, "Settings are changed one at a time."))
	}
	if err := in.Storage.check(); err != nil {
		return s.refuse(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.registrations[r.number.ID]
	if !n.Off {
		return s.refuse(graph.New(100, "Storage can be set only while the number is not registered."))
	}
	n.PhoneID, n.Storage = r.number.ID, in.Storage
	if err := s.keepRegistration(n); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	return success(map[string]bool{"success": true})
}

// keepRegistration keeps how a number stands. The caller holds the lock.
func (s *Server) keepRegistration(n registration) error {
	if err := s.log.Append(state.Entry{Kind: kindRegistration, Value: n}); err != nil {
		return err
	}
	s.registrations[n.PhoneID] = n
	return nil
}

// storageOf is where the messages of a number rest.
func (s *Server) storageOf(phone string) Storage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registrations[phone].storage()
}

func (n registration) storage() Storage {
	if n.Storage.Status == "" {
		return Storage{Status: StorageDefault}
	}
	return n.Storage
}

// SetStorage changes where the messages of a number rest, as Meta's own people
// can; a status may be one that nobody knows.
func (s *Server) SetStorage(phoneID string, to Storage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.numbers.of(phoneID).ID == "" {
		return errors.New("phone_number_id: is not a number of this simulator")
	}
	n := s.registrations[phoneID]
	n.PhoneID, n.Storage = phoneID, to
	return s.keepRegistration(n)
}

// localize takes the region of a registration.
func (n *registration) localize(region string) *graph.Error {
	switch {
	case region == "":
		return nil
	case !slices.Contains(regions, region):
		return graph.New(100, "Param data_localization_region must be a region of Local Storage.")
	case !n.Off && n.Storage.Region != region:
		return graph.New(100, "The region can be changed only while the number is not registered.")
	}
	n.Storage = Storage{Status: StorageLocal, Region: region}
	return nil
}

// fileLife is how long a file of a number lives: usual, unless nothing of the
// number is stored.
func (st Storage) fileLife(usual time.Duration) time.Duration {
	if st.Status == StorageNone {
		return noStorageMinutes * time.Minute
	}
	return usual
}

// uploadLife is how long an uploaded file lives, in minutes where its upload
// says so. Only No Storage takes that.
func (st Storage) uploadLife(minutes string) (time.Duration, *graph.Error) {
	if minutes == "" {
		return st.fileLife(uploadLife), nil
	}
	n, err := strconv.Atoi(minutes)
	if err != nil || n < noStorageMinutes || time.Duration(n)*time.Minute > uploadLife || st.Status != StorageNone {
		return 0, graph.New(100, "Param ttl_minutes must be from 60 to 43200 and goes with No Storage only.")
	}
	return time.Duration(n) * time.Minute, nil
}
