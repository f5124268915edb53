//go:build !race

package explore

// statesMax is Options.MaxStates of most tests: no limit.
const statesMax = 0
