package web_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// The page says why a task is held, as text; the health checks, which are often open to all, say only that it is.
func TestThePageSaysWhyATaskIsHeld(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("shop", untilStopped, supervisor.WithHeld("<b>no machine</b>")))
		page, health := newPage(t, sup), web.Health(sup)
		start(t, sup)
		require.Equal(t, "1 of 1 task is not up; shop is held by an operator: &lt;b&gt;no machine&lt;/b&gt;.", sentence(t, page))
		require.Contains(t, get(t, page, "/task?path=shop"), "is held by an operator: &lt;b&gt;no machine&lt;/b&gt;")
		requireCheck(t, health, "/readyz?verbose", 503, "[-]shop failed: not-up: created (supervisor-start), is held by an operator\nreadyz check failed\n")
		require.NoError(t, sup.Hold("shop", ""))
		require.Equal(t, "1 of 1 task is not up; shop is held by an operator.", sentence(t, page))
		stop(t, sup)
	})
}
