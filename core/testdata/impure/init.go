// Breaks: init

package impure

func init() {}
