package catalog

import "embed"

// Words holds the word lists: a line per topic and language,
//
//	topic language: word, phrase of words, stem*
//
// without regard to case and accents. A word ending in * stands for every word
// that begins with it. Scripts written without spaces match anywhere near the
// value. Lines beginning with # are comments.
//
//go:embed words/*.txt
var Words embed.FS
