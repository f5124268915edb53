// Package process supervises programs: processes of the operating system, and whatever they start in turn. When a run is over,
// nothing of it is left.
package process
