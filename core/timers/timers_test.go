package timers

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tests' own types: the queue takes any that are integers underneath.
type (
	instant int64
	key     uint64
	queue   = Queue[instant, key]
)

func keyOf(tie uint64, slot uint32) key { return key(tie<<SlotBits | uint64(slot)) }

// list is a queue that is obviously right: a map, and a look at all there is.
type list map[uint32]timer[instant, key]

func (l list) first() timer[instant, key] {
	first := timer[instant, key]{at: Never, key: math.MaxUint64}
	for _, t := range l {
		if t.before(&first) {
			first = t
		}
	}
	return first
}

// A queue does what a list does, whatever is armed, moved and disarmed.
func TestQueueIsAList(t *testing.T) {
	for name, c := range map[string]struct {
		slots  uint32
		spread int64 // of deadlines
		ties   uint64
	}{
		"few":              {slots: 7, spread: 50, ties: 3},
		"some, many ties":  {slots: 40, spread: 5, ties: 3},
		"many, many ties":  {slots: 1000, spread: 50, ties: 1 << 40},
		"many":             {slots: 1000, spread: 1 << 30, ties: 3},
		"many, far apart":  {slots: 600, spread: math.MaxInt64 / 2, ties: 3},
		"many, one moment": {slots: 600, spread: 1, ties: 1},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(3, 4))
			var q queue
			model := list{}
			for range 10_000 {
				slot := random.Uint32N(c.slots)
				switch random.IntN(4) {
				case 0:
					q.Disarm(slot)
					delete(model, slot)
				case 1:
					if len(model) > 0 {
						slot = uint32(q.First() & slotMask)
						q.Disarm(slot)
						delete(model, slot)
					}
				default:
					armed := timer[instant, key]{
						instant(random.Int64N(c.spread) - c.spread/2 + random.Int64N(2)), keyOf(random.Uint64N(c.ties), slot),
					}
					q.Arm(armed.key, armed.at)
					model[slot] = armed
				}
				agree(t, &q, model, slot)
			}
			q.Arm(keyOf(0, 0), 0) // so that there is one at least
			model[0] = timer[instant, key]{0, keyOf(0, 0)}
			agreeOnDue(t, &q, model, random)

			// What is left comes out in order.
			for len(model) > 0 {
				first := model.first()
				require.Equal(t, first.key, q.First())
				q.Disarm(uint32(first.key & slotMask))
				delete(model, uint32(first.key&slotMask))
			}
			require.Zero(t, q.Len())
		})
	}
}

// agree requires that queue and list hold as many timers, with the same first one, and the same one for a slot.
func agree(t *testing.T, q *queue, model list, slot uint32) {
	t.Helper()
	_, problem := q.Audit()
	require.Empty(t, problem)
	require.Equal(t, len(model), q.Len())
	first := model.first()
	require.Equal(t, first.at, q.Next())
	if len(model) > 0 {
		require.Equal(t, first.key, q.First())
	}
	expected := instant(Never)
	if armed, ok := model[slot]; ok {
		expected = armed.at
	}
	require.Equal(t, expected, q.Deadline(slot))
}

// agreeOnDue requires that queue and list hold the same timers, and the same of them are due by some instant.
func agreeOnDue(t *testing.T, q *queue, model list, random *rand.Rand) {
	t.Helper()
	var all []key
	for k, at := range q.All() {
		require.Equal(t, timer[instant, key]{at, k}, model[uint32(k&slotMask)])
		all = append(all, k)
	}
	require.Len(t, all, len(model))
	by := model[uint32(all[random.IntN(len(all))]&slotMask)].at
	var due []key
	for _, armed := range model {
		if armed.at <= by {
			due = append(due, armed.key)
		}
	}
	require.ElementsMatch(t, due, slices.Collect(q.Due(by)))
	for range q.Due(by) {
		break // and not one more is yielded, or this would panic
	}
	for range q.All() {
		break
	}
}

func TestNeverIsNoTimer(t *testing.T) {
	var q queue
	require.Equal(t, instant(Never), q.Next())
	require.Equal(t, instant(Never), q.Deadline(3))
	q.Arm(keyOf(1, 0), Never)
	q.Disarm(5)
	require.Zero(t, q.Len())
	q.Arm(keyOf(1, 0), 5)
	require.Equal(t, instant(5), q.Next())
	q.Arm(keyOf(1, 0), Never)
	require.Zero(t, q.Len())
	require.Equal(t, instant(Never), q.Deadline(0))
}

// filled returns a queue with timers in slots 0 to 9, of which slot 0 fires first.
func filled() *queue {
	q := new(queue)
	for slot := range uint32(10) {
		q.Arm(keyOf(1, slot), instant(slot))
	}
	return q
}

func TestCopyIsIndependent(t *testing.T) {
	q, copied := filled(), new(queue)
	copied.CopyFrom(q)
	require.True(t, q.Identical(copied))
	copied.Arm(keyOf(1, 3), -1)
	copied.Disarm(0)
	require.True(t, q.Identical(filled()))
	require.Zero(t, testing.AllocsPerRun(10, func() { copied.CopyFrom(q) }))
	require.True(t, q.Identical(copied))
}

// Each of these breaks one rule of the queue, and Audit names it, without trusting any index.
func TestAuditFindsPlantedCorruption(t *testing.T) {
	if heapMax < 10 {
		t.Skip("ten timers do not fit the heap, and it is the heap that is broken here")
	}
	for _, c := range []struct {
		plant   func(q *queue)
		key     key
		problem string
	}{
		{func(*queue) {}, 0, ""},
		{func(q *queue) { q.position = append(q.position, 3) }, 0, "a timer is lost"},
		{func(q *queue) { q.heap = append(q.heap, timer[instant, key]{1000, keyOf(1, 3)}) }, 0, "a timer is lost"},
		{func(q *queue) { q.position = q.position[:5] }, 0, "a timer is lost"},
		{func(q *queue) { q.position[3] = 1000 }, keyOf(1, 3), "does not know its timer"},
		{func(q *queue) { q.position[3], q.position[4] = q.position[4], q.position[3] }, keyOf(1, 3), "does not know its timer"},
		{func(q *queue) { q.heap[3].key = q.heap[2].key }, keyOf(1, 2), "does not know its timer"},
		{func(q *queue) { q.heap[3].key = keyOf(1, 1000) }, keyOf(1, 1000), "does not know its timer"},
		{func(q *queue) { q.heap[3].key = keyOf(1, uint32(len(q.position))) }, keyOf(1, 10), "does not know its timer"},
		{func(q *queue) { q.heap[0].at = 1000 }, keyOf(1, 1), "has a timer that would fire too late"},
		{func(q *queue) { q.heap[9].at = 1 }, keyOf(1, 9), "has a timer that would fire too late"},
	} {
		q := filled()
		c.plant(q)
		broken, problem := q.Audit()
		require.Equal(t, c.problem, problem)
		require.Equal(t, c.key, broken)
	}
}

// A queue is identical to its copy, however many timers it has, until anything happens to either.
func TestIdentical(t *testing.T) {
	for _, n := range []int{0, 3, 20_000} {
		var q, copied Queue[int64, uint64]
		for i := range n {
			q.Arm(uint64(i), int64(i*7919%n))
		}
		copied.CopyFrom(&q)
		require.True(t, q.Identical(&copied) && copied.Identical(&q), n)
		copied.Arm(uint64(n), int64(2*n))
		require.False(t, q.Identical(&copied) || copied.Identical(&q), n)
		if n > 0 {
			copied.CopyFrom(&q)
			copied.Arm(0, q.Deadline(0)+1)
			require.False(t, q.Identical(&copied) || copied.Identical(&q), n)
		}
	}
}
