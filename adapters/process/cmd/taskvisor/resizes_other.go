//go:build !unix

package main

import "os"

// resizes returns what never says that the terminal has another size: there is no signal for it.
func resizes() <-chan os.Signal { return nil }
