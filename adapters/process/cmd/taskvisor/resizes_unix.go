//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// resizes returns what says that the terminal has another size.
func resizes() <-chan os.Signal {
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	return resized
}
