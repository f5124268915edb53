//go:build race

package explore

// underRace reports whether the race detector is on.
const underRace = true
