package retention

import (
	"strings"
	"time"

	"postern/audit"
)

// olderForm reads a file of the older form and says of each field what it became.
func (r *reader) olderForm(s *section, p *Policy) {
	r.olderPolicy(s.sub("retention_policy"), p)
	r.olderLogging(s.sub("compliance_logging"), p)
}

// standsFor has errors about a path of today's form name the field that was written.
func (r *reader) standsFor(path, field string) {
	r.places[path], r.older[path] = r.places[field], field
}

func (p *Policy) note(path, text string) { p.Notes = append(p.Notes, Note{Field: path, Text: text}) }

func (r *reader) olderPolicy(s *section, p *Policy) {
	defer s.done()
	r.olderDays(s, "message_storage_days", audit.ClassMessages, p)
	r.olderDays(s, "media_storage_days", audit.ClassMedia, p)
	r.olderRedaction(s, p)
	if n := s.get("encryption_algorithm"); n != nil {
		at := join(s.path, "encryption_algorithm")
		if n.Value != "AES-256-GCM" {
			r.bad(at, "what is sealed here is sealed with AES-256-GCM and nothing else: write AES-256-GCM, or leave it out")
		}
		p.note(at, "everything sealed is sealed with AES-256-GCM, always; nothing is set by this")
	}
	hours := 0
	s.whole("backup_frequency_hours", &hours, 1, 24*365)
	if hours > 0 {
		p.BackupEvery = time.Duration(hours) * time.Hour
		p.note(join(s.path, "backup_frequency_hours"), "a backup is wanted at least this often; where to is for the configuration to say")
	}
}

func (r *reader) olderDays(s *section, key, class string, p *Policy) {
	days := 0
	s.whole(key, &days, 1, maxDays)
	if days == 0 {
		return
	}
	c := p.Classes[class]
	c.Days, c.Action = days, ActionPurge
	p.Classes[class] = c
	r.standsFor(join("classes."+class, "days"), join(s.path, key))
	p.note(join(s.path, key), "classes."+class+": days as written, counted from the record, then action: purge")
}

func (r *reader) olderRedaction(s *section, p *Policy) {
	n := s.get("pii_redaction")
	if n == nil {
		return
	}
	at, on := join(s.path, "pii_redaction"), false
	if n.ShortTag() != "!!bool" || n.Decode(&on) != nil {
		r.bad(at, "write true")
		return
	}
	if !on {
		r.bad(at, "records are always redacted, since who may read the trail is more people than may read messages: write true; to keep the message as it was, sealed, use keep: original")
		return
	}
	c := p.Classes[audit.ClassMessages]
	c.Keep = KeepRedacted
	p.Classes[audit.ClassMessages] = c
	r.standsFor("classes.messages.keep", at)
	p.note(at, "classes.messages.keep: redacted, so no sealed original is kept; what each type of data becomes is personal_data.record in settings.yaml")
}

func (r *reader) olderLogging(s *section, p *Policy) {
	defer s.done()
	level := ""
	word(s, "log_level", &level, "debug", "info", "warn", "error")
	if level != "" {
		p.note(join(s.path, "log_level"), "the program's log has its level in the configuration (log.level); nothing is set by this, and no level writes message text")
	}
	r.olderDestination(s, p)
	if s.values["include_payload"] != nil {
		p.note(join(s.path, "include_payload"), "whether the export of the destination carries the redacted body; no export carries more of it")
	}
	s.flag("include_payload", &p.Export.IncludePayload)
}

func (r *reader) olderDestination(s *section, p *Policy) {
	to, at := "", join(s.path, "destination")
	s.text("destination", &to, "s3://BUCKET/PREFIX/")
	if to == "" {
		return
	}
	rest, isS3 := strings.CutPrefix(to, "s3://")
	bucket, prefix, _ := strings.Cut(rest, "/")
	if !isS3 || bucket == "" || strings.ContainsAny(rest, "?#@: \\") {
		r.bad(at, "write s3://BUCKET/PREFIX/, without keys: those belong into the configuration")
		return
	}
	p.Export.Bucket, p.Export.Prefix = bucket, prefix
	p.note(at, "bucket and prefix of the export of kind lines with from_retention: true in the configuration, which names the server and its keys; without one nothing goes there")
}
