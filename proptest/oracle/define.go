package oracle

import (
	"maps"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// idleMax is how many policies, and how many limits, are remembered that nothing uses.
const idleMax = 64

// definitions are the policies, or the limits, that have an id.
type definitions[V comparable] struct {
	known      map[uint64]V
	configured uint64   // those with smaller ids are known for good
	next       uint64   // the id of the next one
	idle       []uint64 // those that nothing uses, by when they came to that
}

// configure makes values known for good.
func (d *definitions[V]) configure(values ...V) {
	d.known = map[uint64]V{}
	for _, value := range values {
		d.known[d.next] = value
		d.next++
	}
	d.configured = d.next
}

// define returns the id of a value. used are the ids in use.
func (d *definitions[V]) define(value V, used []uint64) uint64 {
	for _, id := range slices.Sorted(maps.Keys(d.known)) {
		if d.known[id] == value {
			// Where it is idle, it is so from now on.
			d.idle = slices.DeleteFunc(d.idle, func(other uint64) bool { return other == id })
			d.review(used)
			return id
		}
	}
	id := d.next
	d.next++
	d.known[id] = value
	d.review(used)
	return id
}

// review finds out what is idle now, and forgets the oldest of too many. It is called after every change, so that one at most
// has become idle.
func (d *definitions[V]) review(used []uint64) {
	d.idle = slices.DeleteFunc(d.idle, func(id uint64) bool { return slices.Contains(used, id) })
	for _, id := range slices.Sorted(maps.Keys(d.known)) {
		if id >= d.configured && !slices.Contains(used, id) && !slices.Contains(d.idle, id) {
			d.idle = append(d.idle, id)
		}
	}
	for len(d.idle) > idleMax {
		delete(d.known, d.idle[0])
		d.idle = d.idle[1:]
	}
}

// Define returns the id of a policy that core.Machine.Define accepts, for an EventAdd or EventPolicy to refer to.
func (o *Oracle) Define(p core.Policy) core.PolicyID {
	return core.PolicyID(o.policies.define(p, o.policiesInUse()))
}

// DefineLimits returns the id of limits that core.Machine.DefineLimits accepts, for an EventLimits to refer to.
func (o *Oracle) DefineLimits(limits core.Limits) core.LimitsID {
	return core.LimitsID(o.limits.define(limits, o.limitsInUse()))
}

// policiesInUse are those that a task has.
func (o *Oracle) policiesInUse() (used []uint64) {
	for _, t := range o.tasks {
		used = append(used, uint64(t.policy))
	}
	return used
}

func (o *Oracle) limitsInUse() []uint64 { return []uint64{uint64(o.inForce)} }

// Policy returns the policy that id names.
func (o *Oracle) Policy(id core.PolicyID) (p core.Policy, ok bool) {
	p, ok = o.policies.known[uint64(id)]
	return p, ok
}

// Limits returns the limits that id names.
func (o *Oracle) Limits(id core.LimitsID) (l core.Limits, ok bool) {
	l, ok = o.limits.known[uint64(id)]
	return l, ok
}

// Policies returns all policies that have an id.
func (o *Oracle) Policies() map[core.PolicyID]core.Policy {
	return named[core.PolicyID](o.policies.known)
}

// AllLimits returns all limits that have an id.
func (o *Oracle) AllLimits() map[core.LimitsID]core.Limits {
	return named[core.LimitsID](o.limits.known)
}

// PolicyInUse reports whether a task has the policy, or the configuration.
func (o *Oracle) PolicyInUse(id core.PolicyID) bool {
	return uint64(id) < o.policies.configured || slices.Contains(o.policiesInUse(), uint64(id))
}

// LimitsInUse reports whether the limits are in force, or in the configuration.
func (o *Oracle) LimitsInUse(id core.LimitsID) bool {
	return uint64(id) < o.limits.configured || slices.Contains(o.limitsInUse(), uint64(id))
}

func named[ID ~uint64, V any](known map[uint64]V) map[ID]V {
	byID := make(map[ID]V, len(known))
	for id, value := range known {
		byID[ID(id)] = value
	}
	return byID
}
