package graph

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// key is the tests' own type of keys: the graph takes any that is an integer underneath.
type key uint64

func keyOf(generation, slot uint64) key { return key(generation<<SlotBits | slot) }

// pairs is a graph that is obviously right: a list of pairs, and a look at all there is.
type pairs map[[2]key]*Edge[key] // by dependent and other

func (p pairs) needs(dependent key) (others []key) {
	for pair := range p {
		if pair[0] == dependent {
			others = append(others, pair[1])
		}
	}
	slices.Sort(others)
	return others
}

func (p pairs) dependents(other key) (dependents []key) {
	for pair := range p {
		if pair[1] == other {
			dependents = append(dependents, pair[0])
		}
	}
	slices.Sort(dependents)
	slices.Reverse(dependents)
	return dependents
}

func (p pairs) terminating(other key) (n uint32) {
	for pair, e := range p {
		if pair[1] == other && e.terminating {
			n++
		}
	}
	return n
}

// A graph does what a list of pairs does, whatever is connected, noted and dropped. Slots are used again by later tasks,
// so that their order is not that of the keys.
func TestGraphIsASetOfPairs(t *testing.T) {
	const slots = 8
	random := rand.New(rand.NewPCG(1, 2))
	var g Graph[key]
	model := pairs{}
	tasks := make([]key, slots)
	generation := uint64(0)
	most := 0
	for range 20_000 {
		dependent, other := tasks[random.IntN(slots)], tasks[random.IntN(slots)]
		switch {
		case dependent == 0 || random.IntN(20) == 0: // another task takes the slot, if no task needs the one in it
			slot := uint64(random.IntN(slots))
			old := tasks[slot]
			if len(model.dependents(old)) > 0 {
				continue
			}
			g.Disconnect(uint32(slot))
			for _, other := range model.needs(old) {
				delete(model, [2]key{old, other})
			}
			generation++
			tasks[slot] = keyOf(generation, slot)
		case other > 0 && other < dependent && random.IntN(4) == 0:
			e := g.Connect(dependent, other)
			if known := model[[2]key{dependent, other}]; known != nil {
				require.Equal(t, known.Bound, e.Bound)
				require.Equal(t, known.terminating, e.terminating)
			}
			e.Bound = random.IntN(2) == 0
			model[[2]key{dependent, other}] = &Edge[key]{Bound: e.Bound, terminating: e.terminating}
		default:
			terminating := random.IntN(2) == 0
			for e := g.FirstNeed(uint32(dependent & slotMask)); e != nil; e = g.NextNeed(e) {
				left := g.SetTerminating(e, terminating)
				model[[2]key{dependent, e.Other}].terminating = terminating
				require.Equal(t, model.terminating(e.Other), left)
			}
		}
		agree(t, &g, model, tasks)
		most = max(most, g.Len())
	}
	require.Greater(t, most, slots)
	require.LessOrEqual(t, len(g.edges), most, "dropped edges are used again")
}

func agree(t *testing.T, g *Graph[key], model pairs, tasks []key) {
	t.Helper()
	_, problem := g.Audit()
	require.Empty(t, problem)
	require.Equal(t, len(model), g.Len())
	for slot, task := range tasks {
		slot := uint32(slot)
		var needs, dependents []key
		for e := g.FirstNeed(slot); e != nil; e = g.NextNeed(e) {
			require.Equal(t, task, e.Dependent)
			require.Equal(t, model[[2]key{task, e.Other}].Bound, e.Bound)
			needs = append(needs, e.Other)
		}
		for e := g.FirstDependent(slot); e != nil; e = g.NextDependent(e) {
			require.Equal(t, task, e.Other)
			dependents = append(dependents, e.Dependent)
		}
		require.Equal(t, model.needs(task), needs)
		require.Equal(t, model.dependents(task), dependents)
		require.Equal(t, model.terminating(task), g.Terminating(slot))
		require.Equal(t, len(needs)+len(dependents) > 0, g.Connected(slot))
	}
}

func TestUnknownSlotsHaveNoEdges(t *testing.T) {
	var g Graph[key]
	g.Disconnect(3)
	require.Nil(t, g.FirstNeed(3))
	require.Nil(t, g.FirstDependent(3))
	require.Zero(t, g.Terminating(3))
	require.False(t, g.Connected(3))
}

// diamond returns a graph of four tasks, in slots 0 to 3: the last needs the two before it, and both need the first.
// There is a free edge besides.
func diamond() *Graph[key] {
	g := new(Graph[key])
	g.Connect(keyOf(5, 4), keyOf(1, 0))
	g.Connect(keyOf(2, 1), keyOf(1, 0))
	g.Connect(keyOf(3, 2), keyOf(1, 0))
	g.SetTerminating(g.Connect(keyOf(4, 3), keyOf(2, 1)), true)
	g.Connect(keyOf(4, 3), keyOf(3, 2))
	g.Disconnect(4)
	return g
}

func TestDisconnectForgetsWhatWasTerminating(t *testing.T) {
	g := diamond()
	require.Equal(t, uint32(1), g.Terminating(1))
	g.Disconnect(3)
	require.Zero(t, g.Terminating(1))
	require.False(t, g.Connected(3))
	require.Equal(t, 2, g.Len())
}

func TestCopyIsIndependent(t *testing.T) {
	g, copied := diamond(), new(Graph[key])
	copied.CopyFrom(g)
	require.Equal(t, g, copied)
	copied.Disconnect(3)
	copied.Connect(keyOf(9, 5), keyOf(1, 0))
	require.Equal(t, diamond(), g)
	require.Zero(t, testing.AllocsPerRun(10, func() { copied.CopyFrom(g) }))
	require.Equal(t, g, copied)
}

// Each of these breaks one rule of the graph, and Audit names it, without trusting any index.
func TestAuditFindsPlantedCorruption(t *testing.T) {
	for _, c := range []struct {
		plant   func(g *Graph[key])
		slot    uint32
		problem string
	}{
		{func(*Graph[key]) {}, 0, ""},
		{func(g *Graph[key]) { g.nodes[3].firstNeed = 1000 }, 3, "a need that does not exist"},
		{func(g *Graph[key]) { g.FirstNeed(3).nextNeed = 1000 }, 3, "a need that does not exist"},
		{func(g *Graph[key]) { g.FirstNeed(3).Dependent = keyOf(4, 1) }, 3, "a need that does not exist"},
		{func(g *Graph[key]) { g.FirstNeed(3).nextNeed = g.nodes[3].firstNeed }, 3, "a need out of order"},
		{func(g *Graph[key]) { g.FirstNeed(1).Other = keyOf(3, 0) }, 1, "a need out of order"},
		{func(g *Graph[key]) { g.FirstNeed(1).Other = g.FirstNeed(1).Dependent }, 1, "a need out of order"},
		{func(g *Graph[key]) { g.FirstNeed(1).Other = keyOf(1, uint64(len(g.nodes))) }, 1, "a need out of order"},
		{func(g *Graph[key]) { g.FirstNeed(1).Other = keyOf(1, 1000) }, 1, "a need out of order"},
		{func(g *Graph[key]) { g.nodes[0].firstDependent = 1000 }, 0, "its dependents"},
		{func(g *Graph[key]) { g.FirstDependent(0).prevDependent = 1 }, 0, "its dependents"},
		{func(g *Graph[key]) { g.FirstDependent(0).nextDependent = g.nodes[0].firstDependent }, 0, "its dependents"},
		{func(g *Graph[key]) { g.FirstNeed(1).Other = keyOf(1, 4) }, 0, "its dependents"},
		{func(g *Graph[key]) { g.FirstNeed(1).Dependent = keyOf(9, 1) }, 0, "its dependents"},
		{func(g *Graph[key]) { g.FirstNeed(3).terminating = false }, 1, "miscounts its dependents"},
		{func(g *Graph[key]) { g.nodes[0].terminating++ }, 0, "miscounts its dependents"},
		{func(g *Graph[key]) { g.nodes[2].firstDependent = 0 }, 0, "known at one end only"},
		{func(g *Graph[key]) { g.free = 1000 }, 0, "a free edge that is not free"},
		{func(g *Graph[key]) { g.free = 2 }, 0, "a free edge that is not free"},
		{func(g *Graph[key]) { g.edges[g.free-1].nextNeed = g.free }, 0, "a free edge that is not free"},
		{func(g *Graph[key]) { g.free = 0 }, 0, "an edge that is lost"},
		{func(g *Graph[key]) { g.count++ }, 0, "an edge that is lost"},
	} {
		g := diamond()
		c.plant(g)
		slot, problem := g.Audit()
		require.Equal(t, c.slot, slot, "%s", problem)
		if c.problem == "" {
			require.Empty(t, problem)
		}
		require.Contains(t, problem, c.problem)
	}
}
