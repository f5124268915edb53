package main

// instants is a 4-ary heap, the least that a clock needs to fire timers in order.
type instants []int64

func (h *instants) push(at int64) {
	*h = append(*h, at)
	all := *h
	i := len(all) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if all[parent] <= at {
			break
		}
		all[i] = all[parent]
		i = parent
	}
	all[i] = at
}

func (h *instants) pop() int64 {
	all := *h
	first, last := all[0], all[len(all)-1]
	all = all[:len(all)-1]
	*h = all
	i := 0
	for child := 1; child < len(all); child = 4*i + 1 {
		least := child
		for other := child + 1; other < min(child+4, len(all)); other++ {
			if all[other] < all[least] {
				least = other
			}
		}
		if last <= all[least] {
			break
		}
		all[i] = all[least]
		i = least
	}
	if len(all) > 0 {
		all[i] = last
	}
	return first
}
