package screen

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// texts returns entries as "task: text".
func texts(entries []Entry) (all []string) {
	for _, entry := range entries {
		all = append(all, entry.Task+": "+entry.Line.Text)
	}
	return all
}

func TestALineGoesEverywhere(t *testing.T) {
	folder := t.TempDir()
	out, logs, hub := new(output), NewFiles(noProblem(t)), NewHub()
	p := NewPrinter(out, Settings{})
	log, err := logs.Open(filepath.Join(folder, "web.log"), "web", FileSettings{})
	require.NoError(t, err)
	web := hub.Sink("web", p.Source("web", false), log)
	hidden := hub.Sink("hidden", nil, nil)
	web.Line(whole("one"))
	hidden.Line(whole("two"))
	tail, follower := hub.Follow(10)
	require.Equal(t, []string{"web: one", "hidden: two"}, texts(tail))
	web.Line(whole("three"))
	entries, lost, err := follower.Next(t.Context())
	require.NoError(t, err)
	require.Zero(t, lost)
	require.Equal(t, []string{"web: three"}, texts(entries))
	follower.Close()
	require.Empty(t, hub.followers)

	require.Same(t, web, hub.Sink("web", nil, nil), "the file is read again, and says that it is hidden")
	require.Empty(t, logs.open)
	web.Line(whole("four"))
	require.Equal(t, []string{"web: three", "web: four"}, texts(hub.Tail(2, "web")))
	require.Equal(t, []string{"hidden: two", "web: three", "web: four"}, texts(hub.Tail(3)))
	require.Empty(t, hub.Tail(0))
	hub.Remove("web")
	require.Equal(t, []string{"hidden: two"}, texts(hub.Tail(3)))
	hub.Close()
	closed(t, p)
	require.Equal(t, "web | one\nweb | three\n", out.String())
	require.Equal(t, map[string]string{"web.log": "one\nthree\n"}, files(t, folder))
}

// A group is all tasks in it.
func TestTheLinesOfAGroup(t *testing.T) {
	hub := NewHub()
	for _, task := range []string{"workers/mail", "work", "workers/a/b", "workersx"} {
		hub.Sink(task, nil, nil).Line(whole("line"))
	}
	require.Equal(t, []string{"workers/mail: line", "workers/a/b: line"}, texts(hub.Tail(10, "workers")))
	_, follower := hub.Follow(0, "workers", "work")
	defer follower.Close()
	for _, task := range []string{"workersx", "work", "workers/a/b"} {
		hub.Sink(task, nil, nil).Line(whole("more"))
	}
	entries, _, err := follower.Next(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"work: more", "workers/a/b: more"}, texts(entries))
}

// Only so much is kept of each task, and the others' lines do not push it out.
func TestOnlyTheLastAreKept(t *testing.T) {
	hub := NewHub()
	hub.Sink("quiet", nil, nil).Line(whole("one line"))
	loud, long := hub.Sink("loud", nil, nil), hub.Sink("long", nil, nil)
	for i := range 5 * keptLines {
		loud.Line(whole(fmt.Sprint(i)))
	}
	for range 10 {
		long.Line(whole(strings.Repeat("x", keptBytes/4)))
	}
	long.Line(whole(strings.Repeat("y", 2*keptBytes)))
	require.Len(t, hub.Tail(1<<20, "loud"), keptLines)
	require.Equal(t, []string{"loud: 4999"}, texts(hub.Tail(1, "loud")))
	require.Len(t, hub.Tail(1<<20, "long"), 1)
	require.Equal(t, []string{"quiet: one line"}, texts(hub.Tail(1<<20, "quiet")))
}

// Whoever follows gets each line once, in order, without a gap after the tail.
func TestFollowingHasNoGap(t *testing.T) {
	hub := NewHub()
	const tasks, lines = 10, 500
	var writers sync.WaitGroup
	for i := range tasks {
		sink := hub.Sink(fmt.Sprint(i), nil, nil)
		writers.Go(func() {
			for j := range lines {
				sink.Line(whole(fmt.Sprint(j)))
			}
		})
	}
	got, follower := hub.Follow(1 << 20)
	defer follower.Close()
	for len(got) < tasks*lines {
		entries, lost, err := follower.Next(t.Context())
		require.NoError(t, err)
		require.Zero(t, lost)
		got = append(got, entries...)
	}
	writers.Wait()
	for i, entry := range got {
		require.Equal(t, uint64(i+1), entry.Seq)
	}
}

func TestWhoFollowsTooSlowlyIsTold(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		hub := NewHub()
		_, follower := hub.Follow(0, "web")
		defer follower.Close()
		web := hub.Sink("web", nil, nil)
		const lines = 2000
		for range lines {
			web.Line(whole(strings.Repeat("x", 1000)))
		}
		entries, lost, err := follower.Next(t.Context())
		require.NoError(t, err)
		require.Equal(t, lines, len(entries)+lost)
		require.Greater(t, lost, lines/3)
		require.Greater(t, len(entries), lines/3)

		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		var ended error
		go func() { _, _, ended = follower.Next(ctx) }()
		synctest.Wait()
		require.NoError(t, ended)
		cancel(stop)
		synctest.Wait()
		require.ErrorIs(t, ended, stop)
	})
}
