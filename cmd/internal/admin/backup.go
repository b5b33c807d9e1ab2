package admin

import (
	"context"
	"errors"

	"postern/retention/backup"
)

// BackupCreate asks for backup.create.
type BackupCreate struct {
	Prune bool `json:"prune"` // take away what is over, after it
}

// backupCreate begins a backup; backup.status says how far it is.
func (s *Service) backupCreate(ctx context.Context, a Actor, in BackupCreate) (backup.Status, error) {
	if s.cfg.Backups == nil {
		return backup.Status{}, noBackups()
	}
	err := s.cfg.StartBackup(ctx, a.Name, in.Prune)
	switch {
	case errors.Is(err, backup.ErrRunning):
		return backup.Status{}, refuse(Conflict, "a backup is being made; see postern backup status")
	case errors.Is(err, backup.ErrClock):
		return backup.Status{}, refuse(Conflict, "%v. Nothing was made, and old backups stay: set the clock right, or make a backup without --prune", err)
	}
	return s.cfg.Backups.Status(), err
}

func (s *Service) backupStatus(context.Context, Actor, None) (backup.Status, error) {
	if s.cfg.Backups == nil {
		return backup.Status{}, noBackups()
	}
	return s.cfg.Backups.Status(), nil
}

func noBackups() error {
	return refuse(Invalid, `the configuration names no place for backups: add section backup, such as "backup: {dir: ./backups, every: 24h}", and restart the gateway where one runs`)
}
