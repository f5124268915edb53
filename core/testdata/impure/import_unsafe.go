// Breaks: import of unsafe

package impure

import "unsafe"

func importUnsafe(x *byte) string { return unsafe.String(x, 1) }
