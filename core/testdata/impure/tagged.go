// Breaks: compiler directive

//go:build !smallleaves

package impure

const large = true

func size() int { return 1024 }
