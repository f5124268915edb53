// Package equal compares slices. Package slices can do that, and much else that is not the same with every version of Go.
package equal

// Slices reports whether two slices have equal elements. It makes no difference whether an empty one is nil.
func Slices[E comparable](a, b []E) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
