// Package endpoints tests what apps call beside messages, on the whole gateway
// against the simulator: the business profile, media, templates, numbers. It
// holds nothing but tests.
package endpoints
