//go:build race

package proptest

// The race detector makes everything several times slower, and nothing here is concurrent.
const defaultChecks = "250"
