package policy

// Settings is settings.yaml, decoded. A tenant's file overrides the embedded
// one key by key; a list is replaced whole. Every key is explained in
// policies/settings.yaml.
type Settings struct {
	Version      int                  `json:"version"`
	Modes        map[string]string    `json:"modes"` // reason code to "enforce" or "observe until 2006-01-02"
	Messages     MessageSettings      `json:"messages"`
	Recipients   RecipientSettings    `json:"recipients"`
	Consent      ConsentSettings      `json:"consent"`
	Window       WindowSettings       `json:"window"`
	Templates    TemplateSettings     `json:"templates"`
	OptOut       OptOutSettings       `json:"optout"`
	QuietHours   QuietSettings        `json:"quiet_hours"`
	Media        MediaSettings        `json:"media"`
	Links        LinkSettings         `json:"links"`
	Management   ManagementSettings   `json:"management"`
	Residency    ResidencySettings    `json:"residency"`
	PersonalData PersonalDataSettings `json:"personal_data"`
	Retention    RetentionSettings    `json:"retention"`
}

// MessageSettings lists the message types that may pass, by direction.
type MessageSettings struct {
	Outbound []string `json:"outbound"`
	Inbound  []string `json:"inbound"`
}

// RecipientSettings says to which countries (ISO 3166-1 alpha-2) may be sent.
// An empty Allow is every country.
type RecipientSettings struct {
	Allow []string `json:"allow"`
	Deny  []string `json:"deny"`
}

// ResidencySettings says where upstream must keep what numbers send and receive.
// The rule of a number stands in place of its tenant's, and that in place of
// Allow.
type ResidencySettings struct {
	Allow   []string                 `json:"allow"`
	Tenants map[string]ResidencyRule `json:"tenants"` // by name
	Numbers map[string]ResidencyRule `json:"numbers"` // by phone_number_id
}

// ResidencyRule lists regions and ResidencyNone. An empty Allow asks for nothing.
type ResidencyRule struct {
	Allow []string `json:"allow"`
}

// ManagementSettings is about calls that change a business number or account.
type ManagementSettings struct {
	Deny []string `json:"deny"` // names of calls that apps may not make
}

// ConsentSettings says what an opt-in must look like.
type ConsentSettings struct {
	GeneralCovers  []string    `json:"general_covers"` // categories a general opt-in stands for
	Marketing      ConsentRule `json:"marketing"`
	Utility        ConsentRule `json:"utility"`
	Authentication ConsentRule `json:"authentication"`
}

// ConsentRule is the rule for one category. Empty Sources accept every source
// and MaxAgeDays 0 every age.
type ConsentRule struct {
	Required   bool     `json:"required"`
	Sources    []string `json:"sources"`
	MaxAgeDays int      `json:"max_age_days"`
}

// WindowSettings is about the customer service window.
type WindowSettings struct {
	MarginSeconds int `json:"margin_seconds"` // taken off the 24 hours
}

// TemplateSettings is about templates.
type TemplateSettings struct {
	Categories []string `json:"categories"` // categories that may be sent
	Statutory  []string `json:"statutory"`  // names of notices the law asks for
}

// OptOutSettings holds the words that stop and start, by language, and what
// may still be sent to a person who said stop.
type OptOutSettings struct {
	Stop          map[string][]string `json:"stop"`
	Start         map[string][]string `json:"start"`
	StopPayloads  []string            `json:"stop_payloads"`  // payloads of reply buttons
	StartPayloads []string            `json:"start_payloads"` // payloads of reply buttons
	AfterStop     AfterStop           `json:"after_stop"`
}

// AfterStop says what a STOP word leaves allowed.
type AfterStop struct {
	Authentication bool `json:"authentication"`
	Statutory      bool `json:"statutory"`
	Replies        bool `json:"replies"`
}

// QuietSettings says when which categories rest. Hours are keyed by weekday
// ("mon" ... "sun") and begin on that day; Countries override Hours.
type QuietSettings struct {
	Categories   []string                       `json:"categories"`
	Hours        map[string][]string            `json:"hours"`
	Countries    map[string]map[string][]string `json:"countries"`
	Holidays     map[string][]string            `json:"holidays"` // country to dates
	HolidayHours []string                       `json:"holiday_hours"`
}

// MediaSettings lists the media kinds that may pass and their limits.
type MediaSettings struct {
	Kinds       map[string]MediaRule `json:"kinds"`
	UnknownSize string               `json:"unknown_size"` // "allow" or "refuse", for links whose size nobody knows yet
	// StripLocation takes out of pictures that are uploaded where they were taken.
	StripLocation bool `json:"strip_location"`
}

// MediaRule limits one kind. Empty Types accept every type.
type MediaRule struct {
	MaxBytes int64    `json:"max_bytes"`
	Types    []string `json:"types"`
}

// LinkSettings says which hosts links may name. A host stands for its
// subdomains too.
type LinkSettings struct {
	OnlyAllowed bool     `json:"only_allowed"`
	Allow       []string `json:"allow"`
	Deny        []string `json:"deny"`
}

// PersonalDataSettings maps finding types and entities to operators. "*" is the
// default. In a loaded policy the rules of the packs are laid over the maps.
type PersonalDataSettings struct {
	BlockFrom string            `json:"block_from"` // level from which "block" refuses: possible, likely, certain
	Packs     []string          `json:"packs"`      // names of packs in force
	Lexicons  []string          `json:"lexicons"`   // topics of lexicons in force
	Outbound  map[string]string `json:"outbound"`
	Inbound   map[string]string `json:"inbound"`
	Record    map[string]string `json:"record"`
	Pieces    bool              `json:"pieces"` // numbers sent in pieces over several messages are looked for
}

// RetentionSettings names the retention classes and says whether the sealed
// original is kept where its class keeps one.
type RetentionSettings struct {
	Class        string            `json:"class"`
	Categories   map[string]string `json:"categories"`
	KeepOriginal bool              `json:"keep_original"`
}

// consentRule is the rule for a category; ok is false for a category that has none.
func (s *Settings) consentRule(category string) (rule *ConsentRule, ok bool) {
	switch category {
	case CategoryMarketing:
		return &s.Consent.Marketing, true
	case CategoryUtility:
		return &s.Consent.Utility, true
	case CategoryAuthentication:
		return &s.Consent.Authentication, true
	}
	return nil, false
}
