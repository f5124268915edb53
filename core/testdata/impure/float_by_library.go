// Breaks: floating point

package impure

import "math"

func floatByLibrary(x uint64) uint64 { return math.Float64bits(math.Sqrt(math.Float64frombits(x))) }
