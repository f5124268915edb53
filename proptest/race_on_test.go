//go:build race

package proptest

// The race detector makes everything several times slower, and there is nothing concurrent to be found here.
const defaultChecks = "250"
