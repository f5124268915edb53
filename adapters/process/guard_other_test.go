//go:build unix && !linux

package process

// guardedPrograms are programs with a guard. There are none here.
func guardedPrograms() map[string]func([]string) int { return nil }
