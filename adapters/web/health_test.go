package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

func requireCheck(t *testing.T, handler http.Handler, target string, code int, text string) {
	t.Helper()
	answer := ask(t, handler, http.MethodGet, target)
	require.Equal(t, code, answer.Code, answer.Body.String())
	require.Equal(t, text, answer.Body.String())
}

// A database is down, and what is bound to it waits: a restart of the process would not help, and no request can be served.
func TestADatabaseThatIsDownIsAliveAndNotReady(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		serving := newSupervisor(t, supervisor.WithTask("api", untilStopped), supervisor.WithTask("worker", untilStopped))
		sup := newSupervisor(t, supervisor.WithName("shop"), supervisor.ForService(),
			supervisor.WithTask("database", failing(time.Second, errRefused)),
			supervisor.WithTask("serving", serving, supervisor.WithBoundTo("database")))
		health := web.Health(sup)
		requireCheck(t, health, "/livez", 200, "ok\n")
		requireCheck(t, health, "/readyz?verbose", 503, "[-]shop failed: not-started\n[-]shop/database failed: not-up: created (added), waits for its supervisor\n"+
			"[-]shop/serving failed: not-up: created (resumed), waits for its supervisor\nreadyz check failed\n")
		start(t, sup)
		requireCheck(t, health, "/readyz", 200, "ok\n")
		requireCheck(t, health, "/readyz?verbose", 200, "readyz check passed\n")
		wait(1100 * time.Millisecond)
		requireCheck(t, health, "/livez", 200, "ok\n")
		requireCheck(t, health, "/readyz", 503, "readyz check failed\n")
		requireCheck(t, health, "/readyz?verbose", 503, "[-]shop/database failed: not-up: failed (failure), waits for its restart\n"+
			"[-]shop/serving failed: not-up: created (start-again), waits for “database”\nreadyz check failed\n")
		requireCheck(t, health, "/readyz?exclude=shop/database&exclude=shop/serving", 200, "ok\n")
		requireCheck(t, health, "/readyz?verbose&exclude=shop/database&exclude=nothing", 503, "[+]shop/database excluded: ok\n"+
			"[-]shop/serving failed: not-up: created (start-again), waits for “database”\nwarn: excluded and not found, or well: nothing\nreadyz check failed\n")
		requireCheck(t, health, "/readyz?exclude=shop", 200, "ok\n")
		stop(t, sup)
		requireCheck(t, health, "/livez", 503, "livez check failed\n")
		requireCheck(t, health, "/livez?verbose", 503, "[-]shop failed: stopped\nlivez check failed\n")
	})
}

// A task that is dead for good in a supervisor below is missed, unless it is not significant.
func TestANestedTaskThatIsDeadForGoodIsNotAlive(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, significant := range []bool{true, false} {
			below := newSupervisor(t, supervisor.WithTask("leaf", failing(time.Second, errRefused),
				supervisor.WithRestart(supervisor.RestartNever), supervisor.WithSignificant(significant)))
			sup := newSupervisor(t, supervisor.WithTask("below", below))
			health := web.Health(sup)
			start(t, sup)
			requireCheck(t, health, "/livez", 200, "ok\n")
			wait(2 * time.Second)
			if significant {
				requireCheck(t, health, "/livez", 503, "livez check failed\n")
				requireCheck(t, health, "/livez?verbose", 503, "[-]below/leaf failed: dead: dead (not-restartable)\nlivez check failed\n")
				requireCheck(t, health, "/livez?exclude=below/leaf", 200, "ok\n")
				requireCheck(t, health, "/livez?exclude=below/lea", 503, "livez check failed\n")
			} else {
				requireCheck(t, health, "/livez", 200, "ok\n")
				requireCheck(t, health, "/livez?verbose", 200, "[+]below/leaf dead: dead (not-restartable): not significant\nlivez check passed\n")
			}
			stop(t, sup)
		}
	})
}

// Readiness fails first: while the supervisor stops, and before its last run has ended.
func TestReadinessFailsAsSoonAsItStops(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("slow", supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			return nil
		})))
		health := web.Health(sup)
		start(t, sup)
		requireCheck(t, health, "/readyz", 200, "ok\n")
		done := make(chan error)
		go func() { done <- sup.Shutdown(context.Background()) }()
		wait(time.Second)
		requireCheck(t, health, "/livez", 200, "ok\n")
		require.Equal(t, 503, ask(t, health, http.MethodGet, "/readyz").Code)
		require.NoError(t, <-done)
	})
}

// Errors and hidden characters are not for whoever may ask for a check.
func TestChecksSayNothingOfErrors(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("a\u202eb", failing(0, errRefused)))
		start(t, sup)
		text := ask(t, web.Health(sup), http.MethodGet, "/readyz?verbose&exclude=%1b[31m").Body.String()
		require.Contains(t, text, `[-]a\u202eb failed: not-up: failed`)
		require.Contains(t, text, `well: \x1b[31m`)
		require.NotContains(t, text, "refused")
		stop(t, sup)
	})
}

func TestChecksCanOnlyBeRead(t *testing.T) {
	sup := newSupervisor(t)
	health := web.Health(sup)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "BREW"} {
		answer := ask(t, health, method, "/livez")
		require.Equal(t, http.StatusMethodNotAllowed, answer.Code, method)
		require.Equal(t, "GET, HEAD", answer.Header().Get("Allow"))
	}
	answer := ask(t, health, http.MethodHead, "/any/prefix/livez")
	require.Equal(t, 200, answer.Code)
	require.Empty(t, answer.Body.String())
	require.Equal(t, "no-store", answer.Header().Get("Cache-Control"))
	require.Equal(t, http.StatusNotFound, ask(t, health, http.MethodGet, "/healthz").Code)
}
