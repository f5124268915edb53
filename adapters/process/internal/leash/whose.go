package leash

// Run is a run that a process is part of.
type Run struct {
	Host string // the name of the program that has started it
	Task string
	Ours bool // that program is this one
	Over bool // its life has ended: the process is a leftover
}
