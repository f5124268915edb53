package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// sentence returns the sentence on top of a page.
func sentence(t *testing.T, page http.Handler) string {
	t.Helper()
	found := regexp.MustCompile(`aria-live="polite">([^<]*)<`).FindStringSubmatch(get(t, page, "/"))
	require.Len(t, found, 2)
	return found[1]
}

func TestTheSentenceSaysHowTheTreeIs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithName("shop"),
			supervisor.WithTask("storage", failing(10*time.Second, errRefused), supervisor.WithMaxAttempts(1)),
			supervisor.WithTask("api", untilStopped, supervisor.WithBoundTo("storage")),
			supervisor.WithTask("job", supervisor.TaskFunc(func(context.Context) error { return nil })))
		page := newPage(t, sup)
		require.Equal(t, "The supervisor has not started: 3 tasks wait for it.", sentence(t, page))
		start(t, sup)
		require.Equal(t, "All 3 tasks are up or completed (1).", sentence(t, page))
		require.NoError(t, sup.Suspend("api"))
		wait(0)
		require.Equal(t, "All 2 tasks are up or completed (1); 1 task is suspended or killed.", sentence(t, page))
		require.NoError(t, sup.Resume("api"))
		wait(10500 * time.Millisecond)
		require.Equal(t, "2 of 3 tasks are not up; shop/storage waits.", sentence(t, page))
		require.Contains(t, get(t, page, "/"), `shop/storage</bdi></a> waits <time datetime="2000-01-01T00:00:12.000Z" data-until="946684812000">1.5 s</time>.`)
		wait(12 * time.Second)
		require.Equal(t, "2 of 3 tasks are not up; shop/storage is dead (exhausted).", sentence(t, page))
		stop(t, sup)
		require.Equal(t, "The supervisor has stopped (shutdown).", sentence(t, page))
	})
}

// A task that is dead in a supervisor that is to be restarted is not lost.
func TestWhatIsDownWithItsSupervisorIsNotTheWorst(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		below := newSupervisor(t, supervisor.WithIntensity(0, time.Minute), supervisor.WithTask("leaf", failing(time.Second, errRefused)), supervisor.WithTask("other", untilStopped))
		sup := newSupervisor(t, supervisor.WithTask("below", below), supervisor.WithTask("good", untilStopped))
		page := newPage(t, sup)
		start(t, sup)
		wait(1500 * time.Millisecond)
		require.Equal(t, "3 of 4 tasks are not up; below waits.", sentence(t, page))
		stop(t, sup)
	})
}

func TestAStopWithAnErrorIsInTheSentence(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("disk", failing(time.Second, supervisor.Fatal(errors.New("<b>full</b>")))))
		page := newPage(t, sup)
		start(t, sup)
		require.Error(t, sup.Wait())
		require.Contains(t, sentence(t, page), "The supervisor has stopped (escalated): ")
		require.Contains(t, sentence(t, page), "&lt;b&gt;full&lt;/b&gt;")
	})
}

// tasksObject is the JSON of a page.
type tasksObject struct {
	Sentence string         `json:"sentence"`
	Phase    string         `json:"phase"`
	Total    int            `json:"total"`
	NotUp    int            `json:"not_up"`
	Usage    map[string]any `json:"usage"`
	Page     int            `json:"page"`
	Pages    int            `json:"pages"`
	Tasks    []struct {
		Path     string `json:"path"`
		Status   string `json:"status"`
		LastHour int    `json:"restarts_last_hour"`
	} `json:"tasks"`
}

func tasks(t *testing.T, page http.Handler, target string, change ...func(*http.Request)) (object tasksObject) {
	t.Helper()
	answer := ask(t, page, http.MethodGet, target, change...)
	require.Equal(t, 200, answer.Code, answer.Body.String())
	require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &object))
	return object
}

func paths(object tasksObject) (paths []string) {
	for _, task := range object.Tasks {
		paths = append(paths, task.Path)
	}
	return paths
}

func TestTheJSONSaysTheSame(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		below := newSupervisor(t, supervisor.WithTask("leaf", untilStopped), supervisor.WithIntensity(3, time.Minute))
		sup := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithTask("below", below), supervisor.WithTask("bad", failing(3*time.Second, errRefused)))
		page := newPage(t, sup)
		start(t, sup)
		wait(5500 * time.Millisecond)
		wait(2000 * time.Millisecond)
		for _, object := range []tasksObject{tasks(t, page, "/tasks.json"), tasks(t, page, "/", header("Accept", "application/json"))} {
			require.Equal(t, "All 3 tasks are up.", object.Sentence)
			require.Equal(t, "running", object.Phase)
			require.Equal(t, []string{"shop/below", "shop/below/leaf", "shop/bad"}, paths(object))
			require.Equal(t, 1, object.Tasks[2].LastHour)
			require.Contains(t, object.Usage, "shop/below")
		}
		require.Contains(t, get(t, page, "/"), "<!DOCTYPE html>", "who asks for a page gets one")
		require.Contains(t, ask(t, page, http.MethodGet, "/", header("Accept", "text/html,application/json")).Body.String(), "<!DOCTYPE html>")
		require.Equal(t, []string{"shop/below/leaf"}, paths(tasks(t, page, "/tasks.json?find=LEAF")))
		require.Equal(t, []string{"shop/bad"}, paths(tasks(t, page, "/tasks.json?show=restarted")))
		require.Empty(t, paths(tasks(t, page, "/tasks.json?show=down")))
		require.Equal(t, "shop/bad", paths(tasks(t, page, "/tasks.json?view=list"))[0], "what restarts is worse")

		var task struct {
			Task      map[string]any   `json:"task"`
			Policy    map[string]any   `json:"policy"`
			Delays    []float64        `json:"delays_seconds"`
			Minutes   []int            `json:"restarts_by_minute"`
			Decisions []map[string]any `json:"decisions"`
		}
		require.NoError(t, json.Unmarshal([]byte(get(t, page, "/task.json?path=shop/bad")), &task))
		require.Equal(t, "shop/bad", task.Task["path"])
		require.Equal(t, []float64{2, 4, 8, 16, 32}, task.Delays)
		require.EqualValues(t, 1, task.Minutes[59])
		require.NotEmpty(t, task.Policy)
		require.Equal(t, "healthy", task.Decisions[len(task.Decisions)-1]["to"])
		require.Equal(t, "connection refused", task.Decisions[len(task.Decisions)-2]["error"])
		require.Equal(t, http.StatusNotFound, ask(t, page, http.MethodGet, "/task.json?path=shop").Code)
		stop(t, sup)
	})
}

// The runs of a task begin at 1 in each life of its supervisor: what is restarted with it is counted all the same.
func TestRestartsWithTheSupervisorAreCounted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		below := newSupervisor(t, supervisor.WithIntensity(0, time.Minute), supervisor.WithTask("leaf", failing(time.Second, errRefused)))
		sup := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithTask("good", untilStopped),
			supervisor.WithTask("below", below, supervisor.WithBaseDelay(time.Second), supervisor.WithMaxAttempts(supervisor.Unlimited)))
		page := newPage(t, sup)
		start(t, sup)
		wait(500 * time.Millisecond)
		require.Empty(t, paths(tasks(t, page, "/tasks.json?show=restarted")), "the first start is not a restart")
		wait(30 * time.Second)
		object := tasks(t, page, "/tasks.json?show=restarted")
		require.ElementsMatch(t, []string{"shop/below", "shop/below/leaf"}, paths(object))
		for _, task := range object.Tasks {
			status, err := sup.Status("below")
			require.NoError(t, err)
			require.Greater(t, task.LastHour, 2)
			require.EqualValues(t, status.Run-1, task.LastHour, task.Path)
		}
		require.Contains(t, get(t, page, "/task?path=shop/below/leaf"), fmt.Sprintf("%d restarts in the last minutes", object.Tasks[0].LastHour))

		require.NoError(t, sup.Remove("good"))
		wait(0)
		require.NoError(t, sup.Add("good", untilStopped))
		wait(0)
		require.NotContains(t, paths(tasks(t, page, "/tasks.json?show=restarted")), "shop/good", "it is another task")
		stop(t, sup)
	})
}

// many returns a tree of 5,000 tasks, of which a few are not well.
func many(t *testing.T) *supervisor.Supervisor {
	t.Helper()
	var pools []supervisor.Option
	for i := range 50 {
		var workers []supervisor.Option
		for j := range 99 {
			task := supervisor.Task(untilStopped)
			if i == 33 && j >= 97 {
				task = failing(time.Second, errRefused)
			}
			workers = append(workers, supervisor.WithTask(fmt.Sprintf("worker-%02d", j), task, supervisor.WithBaseDelay(time.Hour)))
		}
		pools = append(pools, supervisor.WithTask(fmt.Sprintf("pool-%02d", i), newSupervisor(t, workers...)))
	}
	return newSupervisor(t, pools...)
}

// The server filters, folds and pages: no answer has more rows than fit on a page.
func TestFiveThousandTasks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := many(t)
		page := newPage(t, sup)
		start(t, sup)
		wait(2 * time.Second)
		rows := regexp.MustCompile(`<tr role="row" data-key="([^"]+)"`)
		shown := func(target string) []string {
			var paths []string
			for _, found := range rows.FindAllStringSubmatch(get(t, page, target), -1) {
				paths = append(paths, found[1])
			}
			return paths
		}
		first := shown("/")
		require.Len(t, first, 200)
		require.Equal(t, []string{"pool-33/worker-97", "pool-33/worker-98", "pool-00"}, first[:3], "the worst first")
		require.Len(t, shown("/?page=25"), 200)
		require.Equal(t, shown("/?page=25"), shown("/?page=9999"))
		require.NotEqual(t, first, shown("/?page=2"))
		require.Len(t, shown("/?view=tree&folded="), 50)
		require.Len(t, shown("/?view=tree&folded=&fold=pool-07"), 50+99)
		require.Len(t, shown("/?find=worker-42"), 50)
		require.Equal(t, []string{"pool-33/worker-97", "pool-33/worker-98"}, shown("/?show=down"))
		text := get(t, page, "/?view=tree&folded=")
		require.Contains(t, text, "<small>99 tasks, all up</small>")
		require.Contains(t, text, "<small>99 tasks, 2 not up</small>")
		require.Len(t, tasks(t, page, "/tasks.json").Tasks, 5000)
		paged := tasks(t, page, "/tasks.json?page=2")
		require.Len(t, paged.Tasks, 200)
		require.Equal(t, 25, paged.Pages)
		require.Less(t, len(get(t, page, "/")), 400_000)
		stop(t, sup)
	})
}

// Whatever a user controls is text, wherever it is shown.
func TestNamesAndErrorsAreText(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const evil = "\"><script>alert(1)<\\script>\u202e' onclick=x"
		sup := newSupervisor(t, supervisor.WithName("<img src=x>"),
			supervisor.WithTask(evil, supervisor.TaskFunc(func(ctx context.Context) error { panic("<script>alert(2)</script>\x1b[31m\u202e") }), supervisor.WithBaseDelay(time.Hour)),
			supervisor.WithTask("<\\title><script>", untilStopped, supervisor.WithNeeds(evil)),
			supervisor.WithTask("template {{.Title}} ${x}", failing(0, errors.New("a\nb</textarea><script>")), supervisor.WithBaseDelay(time.Hour)))
		page := newPage(t, sup, web.WithControls(nil), web.WithTitle("<script>title</script>"))
		start(t, sup)
		all := []string{"/", "/?view=list&find=%3Cscript%3E&show=%22%3E%3Cscript%3E", "/view?for=tasks", "/?fold=%3Cscript%3E&view=tree&said=%3Cscript%3E"}
		for _, path := range []string{"<img src=x>/" + evil, "<img src=x>/<\\title><script>", "<script>nothing</script>"} {
			all = append(all, "/task?path="+url.QueryEscape(path), "/view?for=task&path="+url.QueryEscape(path))
		}
		scripts := regexp.MustCompile(`(?i)<\s*script[^>]*>`)
		for _, target := range all {
			answer := ask(t, page, http.MethodGet, target)
			text := answer.Body.String()
			if strings.HasPrefix(target, "/view") {
				var parts struct {
					Heading string            `json:"heading"`
					Parts   map[string]string `json:"parts"`
					Rows    map[string]string `json:"rows"`
				}
				require.NoError(t, json.Unmarshal([]byte(text), &parts))
				text = fmt.Sprint(parts.Parts)
				for _, row := range parts.Rows {
					text += row
				}
				require.NotContains(t, text, "<script")
			} else {
				found := scripts.FindAllString(text, -1)
				require.Len(t, found, 1, "%s: %v", target, found)
				require.Contains(t, found[0], `src="page.js?v=`)
			}
			require.NotContains(t, text, "<img")
			require.NotContains(t, text, "\x1b", target)
			require.NotContains(t, regexp.MustCompile(`(?:href|data-key|value)="[^"]*"`).ReplaceAllString(text, ""), "\u202e", "outside of addresses and keys")
			require.NotRegexp(t, `<[a-z]+[^>]* on[a-z]+=`, regexp.MustCompile(`"[^"]*"`).ReplaceAllString(text, `""`))
		}
		require.Contains(t, get(t, page, "/task?path="+url.QueryEscape("<img src=x>/"+evil)), `panic: &lt;script&gt;alert(2)&lt;/script&gt;\x1b[31m\u202e`)
		stop(t, sup)
	})
}

// An error whose method misbehaves breaks no page.
func TestAnErrorThatCannotBePrintedBreaksNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", failing(0, badError{}), supervisor.WithBaseDelay(time.Hour)))
		page := newPage(t, sup)
		start(t, sup)
		require.Contains(t, get(t, page, "/"), "badError")
		stop(t, sup)
	})
}

type badError struct{}

func (badError) Error() string { panic("no text") }

func TestThePageOfATask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithName("shop"),
			supervisor.WithTask("cache", untilStopped),
			supervisor.WithTask("api", supervisor.TaskFunc(func(context.Context) error { panic("one too many") }), supervisor.WithNeeds("cache"), supervisor.WithMaxAttempts(7)),
			supervisor.WithTask("web", untilStopped, supervisor.WithBoundTo("api")))
		page := newPage(t, sup)
		start(t, sup)
		wait(3 * time.Second)
		text := get(t, page, "/task?path=shop/api")
		for _, part := range []string{
			"Stack of the panic", "panic: one too many", "TestThePageOfATask",
			`<th scope="row">MaxAttempts</th><td>7</td><td>5</td>`,
			`<a href="task?path=shop%2Fcache"><bdi>cache</bdi></a>: healthy`,
			`<a href="task?path=shop%2Fweb"><bdi>web</bdi></a>: created (bound: goes down and comes back with it)`,
			"Failure 8 in a row makes it dead", "2 of 7", "starts in <b>", "run ended: panic",
		} {
			require.Contains(t, text, part)
		}
		require.NotContains(t, text, "<button", "it can only be read")
		gone := ask(t, page, http.MethodGet, "/task?path=shop/none")
		require.Equal(t, http.StatusNotFound, gone.Code)
		require.Contains(t, gone.Body.String(), "There is no task of this path")
		stop(t, sup)
	})
}

// A page that comes late says since when it knows what happened; one that came before Run knows everything.
func TestAPageSaysSinceWhenItKnows(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", failing(time.Second, errRefused), supervisor.ForService()))
		start(t, sup)
		wait(time.Hour)
		page := newPage(t, sup)
		require.Contains(t, get(t, page, "/"), "Seen since 2000-01-01 01:00:00 UTC.")
		require.Contains(t, get(t, page, "/task?path=task"), "None has been seen.")
		wait(time.Hour)
		require.NotContains(t, get(t, page, "/task?path=task"), "None has been seen.")
		require.Contains(t, get(t, page, "/task?path=task"), " older ones were forgotten.")
		page.Close()
		before := get(t, page, "/task.json?path=task")
		wait(5 * time.Minute)
		var was, is struct{ Decisions []map[string]any }
		require.NoError(t, json.Unmarshal([]byte(before), &was))
		require.NoError(t, json.Unmarshal([]byte(get(t, page, "/task.json?path=task")), &is))
		require.Equal(t, was, is, "it learns nothing when it is closed")
		stop(t, sup)
	})
}

func TestAssetsAreKeptByBrowsers(t *testing.T) {
	page := newPage(t, newSupervisor(t))
	version := regexp.MustCompile(`page\.css\?v=[0-9a-f]+`).FindString(get(t, page, "/x/"))
	require.NotEmpty(t, version)
	answer := ask(t, page, http.MethodGet, "/x/"+version)
	require.Equal(t, "text/css; charset=utf-8", answer.Header().Get("Content-Type"))
	require.Contains(t, answer.Header().Get("Cache-Control"), "immutable")
	require.Equal(t, "no-cache", ask(t, page, http.MethodGet, "/page.css?v=old").Header().Get("Cache-Control"))
	again := ask(t, page, http.MethodGet, "/x/page.css", header("If-None-Match", answer.Header().Get("ETag")))
	require.Equal(t, http.StatusNotModified, again.Code)
	for _, name := range []string{"page.js", "good.svg", "bad.svg", "idle.svg"} {
		require.Equal(t, 200, ask(t, page, http.MethodGet, "/"+name).Code, name)
	}
}

func TestTheRecordingIsDownloaded(t *testing.T) {
	sup := newSupervisor(t)
	page := newPage(t, sup, web.WithRecording(func(w io.Writer) error {
		_, err := io.WriteString(w, "the last minutes")
		return err
	}))
	require.Contains(t, get(t, page, "/"), "Download the last minutes")
	answer := ask(t, page, http.MethodGet, "/recording")
	require.Equal(t, "the last minutes", answer.Body.String())
	require.Regexp(t, `^attachment; filename="tasks-\d{8}T\d{6}Z\.recording"$`, answer.Header().Get("Content-Disposition"))
	require.Empty(t, ask(t, page, http.MethodHead, "/recording").Body.String())

	broken := newPage(t, sup, web.WithRecording(func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return errors.New("the disk\x1b is full")
	}))
	answer = ask(t, broken, http.MethodGet, "/recording")
	require.Equal(t, 500, answer.Code)
	require.Equal(t, "The recording cannot be written: the disk\\x1b is full\n", answer.Body.String())
	require.Equal(t, 404, ask(t, newPage(t, sup), http.MethodGet, "/recording").Code)
}

// With a flight recorder there is something to download by itself.
func TestTheFlightRecorderIsOffered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithFlightRecorder(supervisor.FlightRecorder{}), supervisor.WithTask("task", failing(time.Second, errRefused)))
		page := newPage(t, sup)
		start(t, sup)
		wait(time.Minute)
		require.Contains(t, get(t, page, "/"), "Download the last minutes")
		file, err := scenario.ParseAll([]byte(get(t, page, "/recording")))
		require.NoError(t, err)
		require.NotEmpty(t, file.Scenarios)
		require.Equal(t, 404, ask(t, newPage(t, sup, web.WithRecording(nil)), http.MethodGet, "/recording").Code)
		stop(t, sup)
	})
}

// A supervisor that New has not made breaks nothing.
func TestAPageOfNoSupervisor(t *testing.T) {
	page := newPage(t, new(supervisor.Supervisor))
	require.Equal(t, "The supervisor has not started: 0 tasks wait for it.", sentence(t, page))
}

// The keys of the JSON are those that the guide lists, which are a promise.
func TestTheJSONHasTheDocumentedKeys(t *testing.T) {
	guide, err := os.ReadFile("../../docs/page.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(guide), "\n| object | keys |\n")
	require.True(t, ok)
	for object, keys := range web.Keys() {
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(object) + ` \| (.*) \|$`).FindStringSubmatch(section)
		require.NotNil(t, row, object)
		var listed []string
		for _, key := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[1], -1) {
			listed = append(listed, key[1])
		}
		require.Equal(t, keys, listed, object)
	}
}

// Supervisors without a name, in one task, may have tasks of the same path. Each has its row.
func TestTasksOfTheSamePathHaveRowsOfTheirOwn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		two := supervisor.TaskFunc(func(ctx context.Context) error {
			done := make(chan error, 2)
			for range 2 {
				inner, err := supervisor.New(supervisor.WithTask("same", untilStopped))
				if err != nil {
					return err
				}
				go func() { done <- inner.Run(ctx) }()
			}
			return errors.Join(<-done, <-done)
		})
		sup := newSupervisor(t, supervisor.WithTask("two", two))
		page := newPage(t, sup)
		start(t, sup)
		l := listen(t, page, "/events?for=tasks")
		require.Equal(t, []string{"two", "two/same", "two/same/2"}, l.shows(t).Order)
		require.Len(t, l.shows(t).Rows, 3)
		l.close()
		stop(t, sup)
	})
}
