// Breaks: package variable

package impure

var _ = counter
