// Breaks: import of hash/maphash

package impure

import "hash/maphash"

func importMaphash(text string) uint64 { return maphash.String(maphash.MakeSeed(), text) }
