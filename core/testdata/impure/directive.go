// Breaks: compiler directive

package impure

//go:noinline
func directive() int { return 1 }
