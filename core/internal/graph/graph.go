// Package graph holds which tasks need which others: a directed graph whose edges are found from both ends.
//
// A task needs only tasks that were added before it, so its key is greater than theirs: there are no cycles, and the
// order of keys is an order in which every task comes after all it needs.
package graph

import (
	"github.com/tasksupervisor/tasksupervisor/core/internal/equal"
	"github.com/tasksupervisor/tasksupervisor/core/timers"
)

// SlotBits is how many low bits of a key are its slot.
const SlotBits = timers.SlotBits

const slotMask = 1<<SlotBits - 1

// Graph is a set of edges between tasks. K is the type of their keys: the low [SlotBits] bits of a key are its slot, a
// small dense number that finds the task, and keys compare as their tasks were added.
//
// The zero value is an empty graph. It allocates only to grow, and is not safe for concurrent use.
type Graph[K ~uint64] struct {
	nodes []node // by slot, as far as any task has an edge
	edges []Edge[K]
	free  uint32 // the first edge that is free
	count int    // of the edges that are not
}

// node is what is known of one task. Edges are numbered from 1; 0 is none.
type node struct {
	firstNeed      uint32 // in the order of keys
	firstDependent uint32 // against the order of keys
	terminating    uint32 // how many dependents are on their way to stop
}

// Edge says that one task, the dependent, needs another. It stays where it is until a task is connected.
type Edge[K ~uint64] struct {
	Dependent K
	Other     K
	Bound     bool // the dependent is not to run without the other

	terminating   bool   // the dependent is on its way to stop
	nextNeed      uint32 // the dependent's next edge; of a free edge, the next free one
	nextDependent uint32 // the other's next edge
	prevDependent uint32
}

// Len returns how many edges there are.
func (g *Graph[K]) Len() int { return g.count }

// Connected reports whether the task needs another or is needed by one.
func (g *Graph[K]) Connected(slot uint32) bool {
	return uint64(slot) < uint64(len(g.nodes)) && g.nodes[slot].firstNeed|g.nodes[slot].firstDependent != 0
}

// FirstNeed returns the edge to the first task that this one needs, in the order of keys, or nil.
func (g *Graph[K]) FirstNeed(slot uint32) *Edge[K] {
	if uint64(slot) >= uint64(len(g.nodes)) {
		return nil
	}
	return g.edge(g.nodes[slot].firstNeed)
}

// NextNeed returns the edge after this one from the same dependent, or nil.
func (g *Graph[K]) NextNeed(e *Edge[K]) *Edge[K] { return g.edge(e.nextNeed) }

// FirstDependent returns the edge from the last task, in the order of keys, that needs this one, or nil.
func (g *Graph[K]) FirstDependent(slot uint32) *Edge[K] {
	if uint64(slot) >= uint64(len(g.nodes)) {
		return nil
	}
	return g.edge(g.nodes[slot].firstDependent)
}

// NextDependent returns the edge after this one to the same other task, or nil.
func (g *Graph[K]) NextDependent(e *Edge[K]) *Edge[K] { return g.edge(e.nextDependent) }

// Terminating returns how many tasks that need this one are on their way to stop.
func (g *Graph[K]) Terminating(slot uint32) uint32 {
	if uint64(slot) >= uint64(len(g.nodes)) {
		return 0
	}
	return g.nodes[slot].terminating
}

// SetTerminating notes whether the edge's dependent is on its way to stop, and returns how many of the other task's
// dependents now are.
func (g *Graph[K]) SetTerminating(e *Edge[K], terminating bool) uint32 {
	other := &g.nodes[e.Other&slotMask]
	if e.terminating != terminating {
		e.terminating = terminating
		if terminating {
			other.terminating++
		} else {
			other.terminating--
		}
	}
	return other.terminating
}

// Connect returns the edge between two tasks, which it adds if there is none. The dependent's key must be the greater
// one.
func (g *Graph[K]) Connect(dependent, other K) *Edge[K] {
	if missing := int(dependent&slotMask) + 1 - len(g.nodes); missing > 0 {
		g.nodes = append(g.nodes, make([]node, missing)...)
	}
	if missing := int(other&slotMask) + 1 - len(g.nodes); missing > 0 {
		g.nodes = append(g.nodes, make([]node, missing)...)
	}
	from, to := &g.nodes[dependent&slotMask], &g.nodes[other&slotMask]
	before, after := uint32(0), from.firstNeed
	for after != 0 && g.edge(after).Other < other {
		before, after = after, g.edge(after).nextNeed
	}
	if after != 0 && g.edge(after).Other == other {
		return g.edge(after)
	}
	e := g.alloc()
	g.count++
	*g.edge(e) = Edge[K]{Dependent: dependent, Other: other, nextNeed: after}
	if before == 0 {
		from.firstNeed = e
	} else {
		g.edge(before).nextNeed = e
	}
	before, after = 0, to.firstDependent
	for after != 0 && g.edge(after).Dependent > dependent {
		before, after = after, g.edge(after).nextDependent
	}
	g.join(to, before, e)
	g.join(to, e, after)
	return g.edge(e)
}

// Disconnect drops the edges to all tasks that this one needs.
func (g *Graph[K]) Disconnect(slot uint32) {
	if uint64(slot) >= uint64(len(g.nodes)) {
		return
	}
	for i := g.nodes[slot].firstNeed; i != 0; i = g.nodes[slot].firstNeed {
		e := g.edge(i)
		g.SetTerminating(e, false)
		g.join(&g.nodes[e.Other&slotMask], e.prevDependent, e.nextDependent)
		g.nodes[slot].firstNeed = e.nextNeed
		*e = Edge[K]{nextNeed: g.free}
		g.free = i
		g.count--
	}
}

// CopyFrom makes g an independent copy of src, in g's own memory as far as it reaches.
func (g *Graph[K]) CopyFrom(src *Graph[K]) {
	g.nodes = append(g.nodes[:0], src.nodes...)
	g.edges = append(g.edges[:0], src.edges...)
	g.free, g.count = src.free, src.count
}

// Identical reports whether g has the same edges as other, laid out in the same way.
func (g *Graph[K]) Identical(other *Graph[K]) bool {
	return g.free == other.free && g.count == other.count && equal.Slices(g.nodes, other.nodes) && equal.Slices(g.edges, other.edges)
}

// edge returns the edge of that number, or nil.
func (g *Graph[K]) edge(number uint32) *Edge[K] {
	if number == 0 {
		return nil
	}
	return &g.edges[number-1]
}

// alloc returns the number of a free edge.
func (g *Graph[K]) alloc() uint32 {
	e := g.free
	if e == 0 {
		g.edges = append(g.edges, Edge[K]{})
		return uint32(len(g.edges))
	}
	g.free = g.edge(e).nextNeed
	return e
}

// join makes one edge follow another in the list of a task's dependents.
func (g *Graph[K]) join(other *node, before, after uint32) {
	if before == 0 {
		other.firstDependent = after
	} else {
		g.edge(before).nextDependent = after
	}
	if after != 0 {
		g.edge(after).prevDependent = before
	}
}
