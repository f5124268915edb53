//go:build !unix

package supervisor

// outliveBrokenPipes does nothing where a broken pipe is not a signal.
func outliveBrokenPipes() {}
