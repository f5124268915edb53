package web_test

import (
	"encoding/json"
	"testing"
	"time"

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

// A shutdown that is delayed is said to be: everything runs, and the page counts down.
func TestThePageSaysThatAShutdownIsDelayed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("shop", untilStopped), supervisor.WithShutdownDelay(10*time.Second))
		page := newPage(t, sup)
		start(t, sup)
		require.Equal(t, "The one task is up.", sentence(t, page))
		go func() { _ = sup.Shutdown(t.Context()) }()
		wait(2500 * time.Millisecond)
		require.Equal(t, "The supervisor was asked to stop, and all goes on for a while.", sentence(t, page))
		require.Contains(t, get(t, page, "/"), `and all goes on for <time datetime="2000-01-01T00:00:10.000Z" data-until="946684810000">7.5 s</time>.`)
		var object struct {
			StopsIn float64 `json:"shutdown_in_seconds"`
		}
		require.NoError(t, json.Unmarshal([]byte(get(t, page, "/tasks.json")), &object))
		require.InDelta(t, 7.5, object.StopsIn, 0)
		wait(8 * time.Second)
		require.Equal(t, "The supervisor has stopped (shutdown).", sentence(t, page))
	})
}

// The page of a supervisor says how it restarts and stops its tasks, and the tree does so in JSON.
func TestThePageSaysTheStrategy(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		below := newSupervisor(t, supervisor.WithStrategy(supervisor.RestForOne), supervisor.WithTask("leaf", untilStopped))
		sup := newSupervisor(t, supervisor.WithTask("below", below))
		page := newPage(t, sup)
		start(t, sup)
		require.Contains(t, get(t, page, "/task?path=below"), "rest-for-one, stops one at a time, the last first")
		require.Equal(t, "below: healthy (supervisor-start), run 1 [supervisor running, rest-for-one]", sup.Tree()[0].String())
		text := get(t, page, "/tasks.json")
		require.Contains(t, text, "\"strategy\": \"one-for-one\",\n \"stop_order\": \"by-strategy\"")
		require.Contains(t, text, "\"strategy\": \"rest-for-one\",\n   \"stop_order\": \"by-strategy\"")
		stop(t, sup)
	})
}
