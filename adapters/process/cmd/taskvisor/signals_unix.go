//go:build unix

package main

import "syscall"

// dumpSignal is at which the last minutes are written.
const dumpSignal = syscall.SIGUSR1
