//go:build !linux

package top

// processes returns none: what they take is only known on Linux.
func processes() []osProcess { return nil }
