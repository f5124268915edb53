//go:build !unix

package main

import "os"

// dumpSignal is at which the last minutes are written; nil: at none.
var dumpSignal os.Signal
