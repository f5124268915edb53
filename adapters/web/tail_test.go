package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// output returns the part of a task's page that shows what it has written.
func output(t *testing.T, page http.Handler, path string) string {
	t.Helper()
	_, after, found := strings.Cut(get(t, page, "/task?path="+path), `<section id="task-output"`)
	require.True(t, found)
	part, _, found := strings.Cut(after, "</section>")
	require.True(t, found)
	return part
}

func TestTheTailIsShown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		below := newSupervisor(t, supervisor.WithTask("mail", untilStopped))
		sup := newSupervisor(t, supervisor.WithTask("web", untilStopped), supervisor.WithTask("below", below))
		page := newPage(t, sup, web.WithTail(func(path string) []string {
			switch path {
			case "web":
				return []string{"one", "<script>alert(1)</script>", "\x1b[2Jtwo\u202e"}
			case "below/mail":
				return []string{}
			default:
				return nil
			}
		}))
		require.Equal(t, `><h2>Last output</h2><div class="tail" tabindex="0"><pre><bdi>one</bdi>
<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>
<bdi>\x1b[2Jtwo\u202e</bdi>
</pre></div>`, output(t, page, "web"))
		require.Contains(t, output(t, page, "below/mail"), "It has written nothing.")
		require.Equal(t, " hidden>", output(t, page, "below"), "a supervisor writes nothing")
		require.Equal(t, " hidden>", output(t, newPage(t, sup), "web"), "it is not known what is written")
	})
}

// However much a task writes, the page stays small.
func TestTheTailIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("web", untilStopped))
		page := newPage(t, sup, web.WithTail(func(string) (lines []string) {
			for i := range 1000 {
				lines = append(lines, fmt.Sprintf("%04d %s", i, strings.Repeat("ä", 10_000)))
			}
			return lines
		}))
		var known struct{ Tail []string }
		require.NoError(t, json.Unmarshal([]byte(get(t, page, "/task.json?path=web")), &known))
		require.Len(t, known.Tail, 100)
		require.True(t, strings.HasPrefix(known.Tail[0], "0900 ä"))
		require.True(t, strings.HasPrefix(known.Tail[99], "0999 ä"))
		for _, line := range known.Tail {
			require.Less(t, len(line), 1020)
			require.True(t, strings.HasSuffix(line, " …"))
		}
	})
}

// An open page is told of new output, at the latest when it looks anyway.
func TestTheTailIsLive(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var written atomic.Int64
		sup := newSupervisor(t, supervisor.WithTask("web", untilStopped))
		page := newPage(t, sup, web.WithTail(func(string) []string { return []string{fmt.Sprintf("line %d", written.Load())} }))
		start(t, sup)
		l := listen(t, page, "/events?for=task&path=web")
		wait(time.Second)
		require.Contains(t, l.shows(t).Parts["task-output"], "line 0")
		written.Store(1)
		wait(6 * time.Second)
		require.Contains(t, l.shows(t).Parts["task-output"], "line 1")
		l.close()
		stop(t, sup)
	})
}
