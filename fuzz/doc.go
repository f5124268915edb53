// Package fuzz tests the core with inputs that Go's native fuzzer makes up.
//
// The fuzzer knows only bytes and which code they reach. A [Reader] decodes them straight into configurations and
// events, a few bytes each, with an eye to the state of the machine they are for: almost any bytes make sense, and a
// small change of the bytes is a small change of what happens. The targets:
//
//   - FuzzCoreOracle: the machine and the oracle of proptest/oracle take the same decisions
//   - FuzzContinue: a machine restored from a snapshot, and a copy, continue as the original does
//   - FuzzDefinitions: the machine and the oracle agree on which policies and limits are known
//   - FuzzConfig: every configuration is accepted or refused with reasons, and an accepted one runs
//   - FuzzSnapshot: bytes that are not a snapshot are refused, and whatever is accepted runs
//   - FuzzScenario: a parsed scenario prints as text that parses to the same scenario, and plays
//
// A plain `go test ./fuzz` runs each of them on its corpus in testdata/fuzz. To search for more, run one at a time:
//
//	go test ./fuzz -run '^$' -fuzz '^FuzzCoreOracle$' -fuzztime 1m -fuzzminimizetime 20x
//
// Without the last flag the fuzzer spends most of its time minimizing inputs that are small already.
//
// The fuzzer leaves an input that fails in the corpus, and the failure shows it as a scenario, the text format of
// core/scenario. Pasted into a transcript of the core, it is a regression test that people can read.
//
// The seeds in the corpus are written by `go test ./fuzz -run TestSeeds -update`, from a list in the tests.
package fuzz
