//go:build unix

package main

import (
	"syscall"
	"time"
)

// spent returns the processor time of this process, and how often one of its threads went to sleep.
func spent() (cpu time.Duration, sleeps int64) {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), int64(usage.Nvcsw)
}
