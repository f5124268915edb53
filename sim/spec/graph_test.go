package spec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

func TestGraph(t *testing.T) {
	var g spec.Graph
	g.Connect(id(2), id(0), false)
	g.Connect(id(2), id(1), true)
	g.Connect(id(1), id(0), false)
	g.Connect(id(2), id(0), true)
	require.Equal(t, 3, g.Len())
	require.Equal(t, []spec.Need{{Task: id(0), Bound: true}, {Task: id(1), Bound: true}}, g.Needs(id(2)))
	require.Equal(t, []spec.Need{{Task: id(2), Bound: true}, {Task: id(1)}}, g.Dependents(id(0)))
	g.Forget(id(2))
	require.Equal(t, 1, g.Len())
	require.Empty(t, g.Dependents(id(1)))
	again := core.TaskID(9<<24 | 2) // a later task in the slot of one that was removed
	require.Empty(t, g.Needs(again))
	g.Connect(again, id(1), false)
	require.Equal(t, []spec.Need{{Task: id(1)}}, g.Needs(again))
	require.Empty(t, g.Needs(id(2)))
	g.Forget(id(0)) // though id(1) needs it
	require.Equal(t, 1, g.Len())
	require.Empty(t, g.Needs(id(1)))
	g.Reset()
	require.Zero(t, g.Len())
	require.Empty(t, g.Dependents(id(0)))
}
