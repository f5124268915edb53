// Breaks: floating point

package impure

func complexNumber(x int) bool { return x == 2i*2i+6 }
