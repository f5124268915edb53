//go:build !unix

package supervisor

// outliveBrokenPipes does nothing where a broken pipe is no signal.
func outliveBrokenPipes() {}
