// Package examiner asks a whole gateway what an examiner would ask: it plays a
// conversation, runs the questions of audit/QUERIES.md as they are pasted, and
// verifies copies of the trail that were tampered with. It holds tests only.
package examiner
