// Breaks: import of math/rand/v2

package impure

import "math/rand/v2"

func importRand() uint64 { return rand.Uint64() }
