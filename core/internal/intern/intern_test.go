package intern

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// model is a table as plainly as can be.
type model struct {
	known   map[uint64]int
	holders map[uint64]int
	idle    []uint64
	next    uint64
}

func (m *model) define(value int) uint64 {
	for _, id := range slices.Sorted(maps.Keys(m.known)) {
		if m.known[id] == value {
			if m.holders[id] == 0 {
				m.rest(id)
			}
			return id
		}
	}
	m.known[m.next] = value
	m.rest(m.next)
	m.next++
	return m.next - 1
}

func (m *model) hold(id uint64) {
	m.idle = slices.DeleteFunc(m.idle, func(other uint64) bool { return other == id })
	m.holders[id]++
}

func (m *model) release(id uint64) {
	if m.holders[id]--; m.holders[id] == 0 {
		m.rest(id)
	}
}

func (m *model) rest(id uint64) {
	m.idle = append(slices.DeleteFunc(m.idle, func(other uint64) bool { return other == id }), id)
	if len(m.idle) > IdleMax {
		delete(m.known, m.idle[0])
		m.idle = m.idle[1:]
	}
}

// hashOf gives many values the same hash, and many different hashes the same place in a chain.
func hashOf(value int) uint64 { return uint64(value%7) << (value % 3 * 8) }

// A table does what the model does, whether its values are few or many, and so do its copies and what is restored from it.
func TestTableIsItsModel(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		values := []int{4, 30, 500}[seed%3]
		table, m := new(Table[int]), &model{known: map[uint64]int{}, holders: map[uint64]int{}}
		for range random.IntN(4) {
			value := random.IntN(2)
			table.Pin(&value, hashOf(value))
			m.known[m.next], m.holders[m.next] = value, 1
			m.next++
		}
		pinned := m.next
		held := []uint64{}
		for step := range 3000 {
			switch {
			case len(held) == 0 || random.IntN(2) == 0:
				value := random.IntN(values)
				id := table.Define(&value, hashOf(value))
				require.Equal(t, m.define(value), id)
				if random.IntN(3) > 0 {
					table.Hold(table.Slot(id))
					m.hold(id)
					held = append(held, id)
				}
			default:
				i := random.IntN(len(held))
				table.Release(table.Slot(held[i]))
				m.release(held[i])
				held = slices.Delete(held, i, i+1)
			}
			if step%100 == 0 {
				same(t, m, table)
				require.Empty(t, table.Audit(tally(table, held)))
				if random.IntN(2) == 0 {
					table = copied(table)
				} else {
					table = restored(t, table, pinned, held)
				}
				same(t, m, table)
				require.Empty(t, table.Audit(tally(table, held)))
			}
		}
		require.Equal(t, None, table.Slot(m.next))
	}
}

func same(t *testing.T, m *model, table *Table[int]) {
	t.Helper()
	known := map[uint64]int{}
	for slot := table.First(); slot != None; slot = table.After(slot) {
		known[table.ID(slot)] = *table.At(slot)
		require.Equal(t, slot, table.Slot(table.ID(slot)))
		require.Equal(t, m.holders[table.ID(slot)] > 0, table.Held(slot))
	}
	require.Equal(t, m.known, known)
	require.Equal(t, m.next, table.NextID())
	var idle []uint64
	for slot := table.FirstIdle(); slot != None; slot = table.AfterIdle(slot) {
		idle = append(idle, table.ID(slot))
	}
	require.True(t, slices.Equal(m.idle, idle))
}

func tally(table *Table[int], held []uint64) []uint32 {
	holders := make([]uint32, table.Slots())
	for _, id := range held {
		holders[table.Slot(id)]++
	}
	return holders
}

func copied(table *Table[int]) *Table[int] {
	var other Table[int]
	for value := range 20 { // what it held before does not matter
		other.Define(&value, 0)
	}
	other.CopyFrom(table)
	return &other
}

func restored(t *testing.T, table *Table[int], pinned uint64, held []uint64) *Table[int] {
	t.Helper()
	var other Table[int]
	other.Begin(pinned, table.NextID())
	for slot := table.First(); slot != None; slot = table.After(slot) {
		other.Restore(table.ID(slot), table.At(slot), hashOf(*table.At(slot)))
	}
	for _, id := range held {
		other.Hold(other.Slot(id))
	}
	for slot := table.FirstIdle(); slot != None; slot = table.AfterIdle(slot) {
		require.True(t, other.RestoreIdle(other.Slot(table.ID(slot))))
		require.False(t, other.RestoreIdle(other.Slot(table.ID(slot))), "it is idle already")
	}
	return &other
}

// A table takes no more room than what is held at a time, and the idle, need.
func TestTableDoesNotGrow(t *testing.T) {
	var table Table[int]
	for value := range 200_000 {
		id := table.Define(&value, uint64(value)*31)
		require.Equal(t, uint64(value), id)
		slot := table.Slot(id)
		table.Hold(slot)
		table.Release(slot)
	}
	require.Equal(t, IdleMax, table.Len())
	require.Equal(t, IdleMax+1, table.Slots())
	require.Equal(t, 2*IdleMax, len(table.heads[byID]))
}

// Each corruption is reported.
func TestAuditFindsPlanted(t *testing.T) {
	for problem, plant := range map[string]func(table *Table[int]){
		"a free slot is not free, or twice so":  func(t *Table[int]) { t.free = 1 },
		"a slot is neither used nor free":       func(t *Table[int]) { t.free = 0 },
		"a pinned value is missing":             func(t *Table[int]) { t.pinned = 1000 },
		"too many values are idle":              func(t *Table[int]) { t.lists[isIdle].len = IdleMax + 1 },
		"a value is listed though all are":      func(t *Table[int]) { t.entries[t.lists[inOrder].last-1].links[inOrder].next = 1 },
		"the list of values is broken":          func(t *Table[int]) { t.entries[1].links[inOrder].prev = 9 },
		"an id is out of order":                 func(t *Table[int]) { t.entries[1].id = 0 },
		"the holders of a value are miscounted": func(t *Table[int]) { t.entries[0].holders++ },
		"a value is idle and held, or neither":  func(t *Table[int]) { t.entries[t.FirstIdle()].idle = false },
		"an id is not found":                    func(t *Table[int]) { clear(t.heads[byID]) },
		"a value is not found, or twice there":  func(t *Table[int]) { clear(t.heads[byValue]) },
		"not every value is listed":             func(t *Table[int]) { t.lists[inOrder].last = 1 },
		"the list of idle values is broken":     func(t *Table[int]) { t.entries[t.AfterIdle(t.FirstIdle())].links[isIdle].prev = 0 },
		"not every idle value is listed":        func(t *Table[int]) { t.lists[isIdle].last = 1 },
	} {
		var table Table[int]
		one := -1
		table.Pin(&one, 0)
		for value := range 70 {
			table.Define(&value, hashOf(value))
		}
		holders := make([]uint32, table.Slots())
		require.Empty(t, table.Audit(holders))
		plant(&table)
		require.Equal(t, problem, table.Audit(holders))
	}
}
