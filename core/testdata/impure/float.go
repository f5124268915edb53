// Breaks: floating point

package impure

func float(x uint64) uint64 { return uint64(float32(x)) }
