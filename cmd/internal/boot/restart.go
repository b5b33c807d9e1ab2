package boot

// RestartNeeded names the settings that differ between two configurations and
// that a running program cannot take over: folders and addresses it holds open.
func RestartNeeded(running, wanted *Config) []string {
	var names []string
	for _, e := range []struct{ name, a, b string }{
		{"data", running.Data, wanted.Data},
		{"checkpoints.dir", running.Checkpoints.Dir, wanted.Checkpoints.Dir},
		{"listeners.app.address", running.Listeners.App.Address, wanted.Listeners.App.Address},
		{"listeners.webhook.address", running.Listeners.Webhook.Address, wanted.Listeners.Webhook.Address},
		{"listeners.admin.address", running.Listeners.Admin, wanted.Listeners.Admin},
	} {
		if e.a != e.b {
			names = append(names, e.name)
		}
	}
	return names
}
