// Breaks: floating point

package impure

func floatConstant(x int64) bool { return x > 0.5*8 }
