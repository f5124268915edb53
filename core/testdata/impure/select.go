// Breaks: select

package impure

func block() { select {} }
