// Command bench measures the supervisor beside what a Go engineer would use instead: suture, a loop written by hand, and
// the least that the runtime allows.
//
//	go run . -rounds 5 -out table.md
//
// Every measurement has a process of its own, so that none inherits the heap or the goroutines of another. The subjects
// take turns within a round, so that what else the machine does befalls all of them; a ratio is taken within a round, and
// the table shows the medians. Absolute times vary with the machine, ratios much less.
//
// It is a module of its own because the peers are dependencies that no user of the supervisor needs.
package main
