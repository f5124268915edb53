// Breaks: uintptr

package impure

func pointer(x uintptr) uintptr { return x }
