// Breaks: package variable

package impure

var counter int
