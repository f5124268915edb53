// Breaks: map

package impure

type mapField struct{ byName map[string]int }
