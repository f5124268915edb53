// Package tasksupervisor is the root of a supervisor for long-lived tasks whose decisions are made by a pure state
// machine. It holds no code of its own; import the part you need:
//
//   - adapters/supervisor keeps goroutines alive in a service. This is the package most programs import.
//   - core is the state machine, to embed in another runtime.
//   - core/scenario reads, writes and replays what a machine was told and decided.
//   - clock is the one timer a driver needs, on the system's time, a mock's, or time moved by hand.
//   - sim simulates supervisors on virtual time, checks what they do, explores and compares policies.
//   - proptest has generators, the reference oracle and properties for use with pgregory.net/rapid.
package tasksupervisor
