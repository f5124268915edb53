//go:build smallleaves

package timers

// With the build tag smallleaves a queue of five timers has leaves. The worlds of the simulator and the generated cases have a
// dozen timers, not a thousand: only with this tag do they reach the leaves. Timers fire in the same order as without it, so
// every decision and every digest is the same. `make leaves` runs the tests with it.
const (
	heapMax   = 4
	leafMax   = 4
	leafFew   = 1
	blockLen  = 3
	blockSpan = 4
)
