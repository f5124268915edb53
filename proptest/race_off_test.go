//go:build !race

package proptest

const defaultChecks = "1000"
