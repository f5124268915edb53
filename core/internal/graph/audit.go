package graph

// Audit returns what is wrong with the graph, and with which task's edges, or an empty problem. Only a defect in this
// package can make anything wrong with it. No index is trusted.
func (g *Graph[K]) Audit() (slot uint32, problem string) {
	needs, dependents := 0, 0
	for i := range g.nodes {
		n, problem := g.auditNeeds(uint32(i))
		if problem != "" {
			return uint32(i), problem
		}
		needs += n
	}
	for i := range g.nodes {
		n, problem := g.auditDependents(uint32(i))
		if problem != "" {
			return uint32(i), problem
		}
		dependents += n
	}
	free := 0
	for i := g.free; i != 0; i = g.edge(i).nextNeed {
		if !g.exists(i) || free == len(g.edges) || *g.edge(i) != (Edge[K]{nextNeed: g.edge(i).nextNeed}) {
			return 0, "has a free edge that is not free"
		}
		free++
	}
	switch {
	case needs != dependents:
		return 0, "has an edge that is known at one end only"
	case needs+free != len(g.edges) || needs != g.count:
		return 0, "has an edge that is lost"
	}
	return 0, ""
}

// auditNeeds audits the edges from a task, and counts them.
func (g *Graph[K]) auditNeeds(slot uint32) (n int, problem string) {
	before := K(0)
	for i := g.nodes[slot].firstNeed; i != 0; i = g.edge(i).nextNeed {
		if !g.exists(i) || g.edge(i).Dependent&slotMask != K(slot) {
			return 0, "has a need that does not exist"
		}
		e := g.edge(i)
		if e.Other <= before || e.Other >= e.Dependent || uint64(e.Other&slotMask) >= uint64(len(g.nodes)) {
			return 0, "has a need out of order"
		}
		before = e.Other
		n++
	}
	return n, ""
}

// auditDependents audits the edges to a task, and counts them.
func (g *Graph[K]) auditDependents(slot uint32) (n int, problem string) {
	prev, terminating := uint32(0), uint32(0)
	for i := g.nodes[slot].firstDependent; i != 0; i = g.edge(i).nextDependent {
		if !g.exists(i) || g.edge(i).Other&slotMask != K(slot) || g.edge(i).prevDependent != prev ||
			prev != 0 && g.edge(prev).Dependent <= g.edge(i).Dependent {
			return 0, "does not know its dependents"
		}
		if g.edge(i).terminating {
			terminating++
		}
		prev = i
		n++
	}
	if terminating != g.nodes[slot].terminating {
		return 0, "miscounts its dependents that are on their way to stop"
	}
	return n, ""
}

func (g *Graph[K]) exists(number uint32) bool { return uint64(number) <= uint64(len(g.edges)) }
