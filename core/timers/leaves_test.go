package timers

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// movedMax is how many timers a call may move: all of a leaf, which become the heap, and all of another one, which is split for the
// timer that is armed. A leaf can have as many timers as the heap, which it was a part of.
const movedMax = 2*max(heapMax, leafMax) + 1

// pair is a queue beside a sorted list of the timers that should be in it.
type pair struct {
	q      queue
	sorted []timer[instant, key]
	armed  map[uint32]timer[instant, key] // by slot
	before []uint32                       // the positions in q as they were
	calls  int
}

func newPair() *pair { return &pair{armed: map[uint32]timer[instant, key]{}} }

func order(a, b timer[instant, key]) int {
	switch {
	case a.before(&b):
		return -1
	case b.before(&a):
		return 1
	}
	return 0
}

// arm and disarm do the same to both, and require that they agree.
func (p *pair) arm(t *testing.T, k key, at instant) {
	t.Helper()
	slot := uint32(k & slotMask)
	p.forget(slot)
	armed := timer[instant, key]{at, k}
	p.armed[slot] = armed
	i, _ := slices.BinarySearchFunc(p.sorted, armed, order)
	p.sorted = slices.Insert(p.sorted, i, armed)
	p.before = append(p.before[:0], p.q.position...)
	p.q.Arm(k, at)
	p.agree(t, slot)
}

func (p *pair) disarm(t *testing.T, slot uint32) {
	t.Helper()
	p.forget(slot)
	p.before = append(p.before[:0], p.q.position...)
	p.q.Disarm(slot)
	p.agree(t, slot)
}

func (p *pair) forget(slot uint32) {
	if armed, ok := p.armed[slot]; ok {
		i, _ := slices.BinarySearchFunc(p.sorted, armed, order)
		p.sorted = slices.Delete(p.sorted, i, i+1)
		delete(p.armed, slot)
	}
}

func (p *pair) agree(t *testing.T, slot uint32) {
	t.Helper()
	if p.q.Len() != len(p.sorted) {
		require.Equal(t, len(p.sorted), p.q.Len())
	}
	if next := p.q.Next(); len(p.sorted) > 0 && (next != p.sorted[0].at || p.q.First() != p.sorted[0].key) {
		require.Equal(t, p.sorted[0], timer[instant, key]{next, p.q.First()})
	} else if len(p.sorted) == 0 {
		require.Equal(t, instant(Never), next)
	}
	expected := instant(Never)
	if armed, ok := p.armed[slot]; ok {
		expected = armed.at
	}
	if at := p.q.Deadline(slot); at != expected {
		require.Equal(t, expected, at)
	}
	moved := 0
	for slot, before := range p.before {
		if p.q.position[slot] != before {
			moved++
		}
	}
	if moved > movedMax {
		require.LessOrEqual(t, moved, movedMax, "one call moved so many timers")
	}
	if p.calls++; p.calls%500 == 0 {
		p.audit(t)
	}
}

// audit requires that the queue is sound, takes no more memory than its timers need, and holds those it should.
func (p *pair) audit(t *testing.T) {
	t.Helper()
	broken, problem := p.q.Audit()
	require.Empty(t, problem)
	require.Zero(t, broken)
	all := map[uint32]timer[instant, key]{}
	for k, at := range p.q.All() {
		all[uint32(k&slotMask)] = timer[instant, key]{at, k}
	}
	require.Equal(t, p.armed, all)
	if len(p.sorted) == 0 {
		return
	}
	due := p.sorted[len(p.sorted)/3].at
	expected := 0
	for _, armed := range p.sorted {
		if armed.at <= due {
			expected++
		}
	}
	found := slices.Collect(p.q.Due(due))
	require.Len(t, found, expected)
	for _, k := range found {
		require.LessOrEqual(t, p.armed[uint32(k&slotMask)].at, due)
	}
}

// A queue with leaves does what a sorted list does, wherever timers are armed, while it grows, while it has its size, and while
// it shrinks. No call moves more than movedMax of them.
func TestLeavesAreASortedList(t *testing.T) {
	const slots = 2500
	for name, deadline := range map[string]func(r *rand.Rand, n int64) int64{
		"anywhere":         func(r *rand.Rand, _ int64) int64 { return r.Int64N(1 << 40) },
		"at few instants":  func(r *rand.Rand, _ int64) int64 { return r.Int64N(5) },
		"at one instant":   func(*rand.Rand, int64) int64 { return 7 },
		"later and later":  func(r *rand.Rand, n int64) int64 { return n<<10 + r.Int64N(1<<20) },
		"always later":     func(_ *rand.Rand, n int64) int64 { return n },
		"always earlier":   func(_ *rand.Rand, n int64) int64 { return -n },
		"of any magnitude": func(r *rand.Rand, _ int64) int64 { return int64(r.Uint64()>>r.IntN(64)) &^ math.MinInt64 },
		"from end to end":  func(r *rand.Rand, _ int64) int64 { return int64(r.Uint64()) },
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(5, 6))
			p := newPair()
			n := int64(0)
			arm := func() {
				n++
				slot := random.Uint32N(slots)
				if at := instant(deadline(random, n)); at != Never {
					p.arm(t, keyOf(random.Uint64N(3), slot), at)
				}
			}
			fire := func() {
				if p.q.Len() > 0 {
					p.disarm(t, uint32(p.q.First()&slotMask))
				}
			}
			drop := func() { p.disarm(t, random.Uint32N(slots)) }
			for range 2 {
				for range 3 * slots { // almost all slots have a timer
					arm()
				}
				for range 2 * slots { // each event of this many is followed by another
					arm()
					fire()
				}
				for range 4 * slots {
					drop()
					if random.IntN(4) == 0 {
						arm()
					}
				}
				for range slots / 4 {
					fire()
				}
			}
			for p.q.Len() > 0 {
				fire()
			}
			p.audit(t)
		})
	}
}

// shelved returns a queue with leaves, and a random source.
func shelved(timers int) (*queue, *rand.Rand) {
	random := rand.New(rand.NewPCG(7, 8))
	q := new(queue)
	for slot := range uint32(timers) {
		q.Arm(keyOf(1, slot), instant(random.Int64N(1<<40)))
	}
	return q, random
}

// Once there is room for the timers, nothing allocates, and a queue takes no more room than it had with all its timers.
func TestLeavesDoNotGrowWithThePast(t *testing.T) {
	const timers = 20_000
	q, random := shelved(timers)
	cycle := func() {
		for range 1000 {
			first := q.First()
			q.Arm(first, q.Next()+instant(random.Int64N(1<<40)))
			q.Arm(keyOf(1, random.Uint32N(timers)), q.Next()+1<<40)
		}
	}
	for range 200 {
		cycle()
	}
	require.Zero(t, testing.AllocsPerRun(50, cycle))
	require.Equal(t, timers, q.Len())
	require.Less(t, len(q.later.blocks), timers/blockLen+4*timers/leafMax) // of each leaf, one block is not full
	require.Less(t, cap(q.later.leaves), timers/leafMax*8)

	for slot := range uint32(timers - 100) { // of few timers in many leaves only few leaves are left
		q.Disarm(slot)
	}
	require.Less(t, len(q.later.leaves)-q.later.first, timers/leafMax)
	_, problem := q.Audit()
	require.Empty(t, problem)
}

func TestCopyOfLeavesIsIndependent(t *testing.T) {
	q, _ := shelved(5000)
	list := func(q *queue) map[key]instant {
		all := map[key]instant{}
		for k, at := range q.All() {
			all[k] = at
		}
		_, problem := q.Audit()
		require.Empty(t, problem)
		require.Len(t, all, q.Len())
		return all
	}
	before, copied := list(q), new(queue)
	copied.CopyFrom(q)
	require.Equal(t, before, list(copied))
	for slot := range uint32(4000) {
		copied.Disarm(slot)
		copied.Arm(keyOf(2, slot), instant(slot))
	}
	require.Equal(t, before, list(q))

	require.Zero(t, testing.AllocsPerRun(10, func() { copied.CopyFrom(q) }))
	require.Equal(t, before, list(copied))
	copied.CopyFrom(filled())
	require.Equal(t, list(filled()), list(copied))
	copied.CopyFrom(q)
	require.Equal(t, before, list(copied))
}

// Each of these breaks one rule of the leaves, and Audit names it, without trusting any index.
func TestAuditFindsPlantedCorruptionInLeaves(t *testing.T) {
	for _, c := range []struct {
		plant   func(q *queue, l *leaves[instant, key], f *leaf[instant, key])
		problem string
	}{
		{func(*queue, *leaves[instant, key], *leaf[instant, key]) {}, ""},
		{func(q *queue, _ *leaves[instant, key], _ *leaf[instant, key]) { q.heap = nil }, "a timer is lost"},
		{func(_ *queue, l *leaves[instant, key], _ *leaf[instant, key]) { l.count-- }, "a timer is lost"},
		{func(q *queue, l *leaves[instant, key], f *leaf[instant, key]) {
			q.position = append(q.position, 1)
			l.count++
		}, "miscounted"},
		{func(_ *queue, l *leaves[instant, key], _ *leaf[instant, key]) {
			l.blocks = append(l.blocks, block[instant, key]{})
		}, "a block of timers is lost"},
		{func(_ *queue, l *leaves[instant, key], f *leaf[instant, key]) { l.blocks[f.block-1].timers[0].at = -5 }, "too late"},
		{func(_ *queue, l *leaves[instant, key], f *leaf[instant, key]) {
			l.blocks[f.block-1].timers[0].at = 1 << 50
		}, "too early"},
		{func(_ *queue, l *leaves[instant, key], _ *leaf[instant, key]) {
			l.leaves[l.first].bound = timer[instant, key]{}
		}, "too early"},
		{func(_ *queue, l *leaves[instant, key], f *leaf[instant, key]) {
			l.blocks[f.block-1].timers[0].key = keyOf(1, slotMask)
		}, "does not know its timer"},
		{func(q *queue, l *leaves[instant, key], f *leaf[instant, key]) {
			q.position[l.blocks[f.block-1].timers[0].key&slotMask]++
		}, "does not know its timer"},
		{func(_ *queue, l *leaves[instant, key], f *leaf[instant, key]) { l.blocks[f.block-1].count = 0 }, "is not full"},
		{func(_ *queue, l *leaves[instant, key], f *leaf[instant, key]) {
			l.blocks[f.block-1].count = blockLen + 1
		}, "is not full"},
		{func(_ *queue, l *leaves[instant, key], f *leaf[instant, key]) {
			l.blocks[l.blocks[f.block-1].next-1].count--
		}, "is not full"},
		{func(_ *queue, _ *leaves[instant, key], f *leaf[instant, key]) { f.count++ }, "miscounted"},
		{func(_ *queue, l *leaves[instant, key], _ *leaf[instant, key]) {
			l.leaves = append(l.leaves, leaf[instant, key]{bound: timer[instant, key]{at: 1 << 50}})
		}, "miscounted"},
		{func(_ *queue, l *leaves[instant, key], f *leaf[instant, key]) { l.free = f.block }, "in two lists"},
		{func(_ *queue, l *leaves[instant, key], _ *leaf[instant, key]) { l.free = 1 << 20 }, "in two lists"},
		{func(_ *queue, l *leaves[instant, key], f *leaf[instant, key]) { l.blocks[f.block-1].next = f.block }, "in two lists"},
		{func(_ *queue, _ *leaves[instant, key], f *leaf[instant, key]) { f.block = 1 << 20 }, "in two lists"},
	} {
		q, _ := shelved(5000)
		i := q.later.first + 1
		for q.later.blocks[q.later.leaves[i].block-1].next == 0 { // one that has two blocks
			i++
		}
		c.plant(q, q.later, &q.later.leaves[i])
		_, problem := q.Audit()
		if c.problem == "" {
			require.Empty(t, problem)
		} else {
			require.Contains(t, problem, c.problem)
		}
	}
}

// FuzzQueue does to a queue and to a list what the bytes say, four of them for a run of timers.
func FuzzQueue(f *testing.F) {
	f.Add([]byte{0, 0, 40, 255, 0, 64, 40, 255, 3, 0, 0, 255})
	f.Add([]byte{0, 0, 0, 255, 0, 64, 0, 255, 0, 128, 0, 255, 2, 0, 0, 255, 1, 0, 0, 255})
	f.Add([]byte{4, 0, 9, 255, 0, 0, 9, 255, 4, 64, 3, 255, 1, 32, 0, 200, 3, 0, 0, 255, 4, 9, 60, 255})
	f.Add([]byte("\x00\x00(\xff90000000")) // one call loads a leaf and splits another
	f.Fuzz(func(t *testing.T, data []byte) {
		p := newPair()
		for len(data) >= 4 && p.calls < 20_000 {
			what, from, spread, n := data[0], uint32(data[1])*16, data[2]%63, int(data[3])*4
			data = data[4:]
			random := rand.New(rand.NewPCG(uint64(from), uint64(n)))
			for i := range n {
				slot := (from + uint32(i)) % 4096
				at := instant(random.Int64N(1<<spread) - random.Int64N(1<<spread))
				switch what % 5 {
				case 0:
					p.arm(t, keyOf(uint64(what), slot), at)
				case 1:
					p.disarm(t, slot)
				case 2:
					if len(p.sorted) > 0 { // puts off what fires next
						p.arm(t, p.q.First(), p.q.Next()/2+1<<spread)
					}
				case 3:
					if len(p.sorted) > 0 {
						p.disarm(t, uint32(p.q.First()&slotMask))
					}
				case 4:
					p.arm(t, keyOf(1, slot), p.q.Next()/2-instant(i)<<(spread/2))
				}
			}
		}
		p.audit(t)
	})
}
