//go:build !smallleaves

package timers

const (
	// heapMax is how many timers a queue keeps in its heap alone. So many fit the first level of most caches.
	heapMax = 1024

	// leafMax is how many timers a leaf can hold. All of them are moved when it becomes too small or too large, or when its
	// time comes: that bounds the longest call.
	leafMax = 512

	// leafFew is with how many timers a leaf is too small, if a neighbour has at most twice as many: the two are merged.
	leafFew = leafMax / 8

	// blockLen is how many timers share a block, and blockSpan the power of two above it.
	blockLen  = 15
	blockSpan = 16
)
