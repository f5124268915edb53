// Breaks: goroutine

package impure

func goroutine(f func()) { go f() }
