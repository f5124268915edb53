//go:build system

package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

var shots = flag.String("shots", "", "write pictures of the page into this folder, to be looked at")

// situation is a tree in a state worth looking at.
type situation struct {
	name  string
	make  func(t *testing.T) *supervisor.Supervisor
	until string // the page shows it when this holds
	pages []string
}

func situations() []situation {
	return []situation{
		{"healthy", healthy, `document.body.innerText.includes("All 5 tasks are up")`, []string{"", "task?path=shop%2Fapi"}},
		{"storm", storm, `document.querySelectorAll(".pillF").length > 3 && document.querySelectorAll(".mark").length > 3`, []string{"", "?view=list", "task?path=shop%2Fdatabase"}},
		{"escalated", escalated, `document.body.innerText.includes("The supervisor has stopped")`, []string{"", "task?path=shop%2Fdisk"}},
		{"many", many, `document.querySelectorAll("#rows tr").length === 200`, []string{"", "?view=tree&folded="}},
	}
}

// In every situation, width and theme nothing is wider than the screen, and nothing that is read is cut off or hidden.
func TestSystemThePageFitsEveryScreen(t *testing.T) {
	for _, s := range situations() {
		address := serve(t, s.make(t), web.WithControls(nil))
		b := newTab(t)
		for i, page := range s.pages {
			b.load(address + page)
			if i == 0 {
				b.until(s.until)
			}
			for _, width := range []int64{1280, 375} {
				for _, theme := range []string{"light", "dark"} {
					b.do(chromedp.EmulateViewport(width, 800), command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
						Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
					}))
					name := fmt.Sprintf("%s-%d-%d-%s", s.name, i, width, theme)
					require.LessOrEqual(t, eval[int64](b, "document.documentElement.scrollWidth"), width, name)
					require.Greater(t, eval[float64](b, contrast), 4.5, name)
					b.shoot(name)
				}
			}
		}
	}
}

// contrast is the ratio of the luminances of the text and its ground, as the Web Content Accessibility Guidelines have it: the least
// of the first texts on the page that are on a ground of one colour.
const contrast = `(() => {
	const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map((n) => n / 255).map((n) => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4)
		.reduce((sum, n, i) => sum + n * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (one) => {
		for (; one; one = one.parentElement) {
			const colour = parts(getComputedStyle(one).backgroundColor);
			if (colour.length === 3 || colour[3] === 1) return colour;
		}
		return [255, 255, 255];
	};
	let least = 21;
	const all = document.querySelectorAll("h1, h2, p, a, b, dt, dd, th, td, span.text, .pill, summary, button, label, small, li");
	for (const one of [...all].slice(0, 500)) {
		if (!one.checkVisibility() || !one.textContent.trim() || one.closest(".unseen, [hidden]")) continue;
		const [a, b] = [light(parts(getComputedStyle(one).color)), light(ground(one))];
		least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
	}
	return least;
})()`

// shoot takes a picture, if pictures are wanted.
func (b *tab) shoot(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	time.Sleep(300 * time.Millisecond) // it is for eyes
	picture, err := chromedp.Run(b, chromedp.CaptureScreenshot())
	require.NoError(b.t, err)
	require.NoError(b.t, os.MkdirAll(*shots, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(*shots, name+".png"), picture, 0o644))
}

func healthy(t *testing.T) *supervisor.Supervisor {
	return newSupervisor(t, supervisor.WithName("shop"), supervisor.ForService(), supervisor.WithIntensity(30, time.Minute), supervisor.WithDeadThreshold(0.4),
		supervisor.WithTask("database", untilStopped), supervisor.WithTask("cache", untilStopped),
		supervisor.WithTask("api", untilStopped, supervisor.WithBoundTo("database"), supervisor.WithNeeds("cache")),
		supervisor.WithTask("mailer", untilStopped, supervisor.WithNeeds("database")),
		supervisor.WithTask("janitor", untilStopped))
}

func storm(t *testing.T) *supervisor.Supervisor {
	quick := supervisor.WithBackoff(supervisor.Backoff{Base: 400 * time.Millisecond, Factor: 2, MaxExponent: 3, Jitter: 0.3})
	bank := newSupervisor(t, supervisor.WithIntensity(8, time.Minute), quick,
		supervisor.WithTask("line-1", failing(700*time.Millisecond, errRefused), supervisor.WithMaxAttempts(supervisor.Unlimited)), supervisor.WithTask("line-2", untilStopped))
	return newSupervisor(t, supervisor.WithName("shop"), supervisor.WithIntensity(300, time.Minute), supervisor.WithDeadThreshold(0.5),
		supervisor.WithTask("database", failing(900*time.Millisecond, errRefused), supervisor.ForService(), supervisor.WithBaseDelay(300*time.Millisecond)),
		supervisor.WithTask("api", untilStopped, supervisor.WithBoundTo("database")),
		supervisor.WithTask("bank", bank, supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithBaseDelay(time.Second)),
		supervisor.WithTask("importer", supervisor.TaskFunc(func(context.Context) error { panic("index out of range [7] with length 7") }), supervisor.WithBaseDelay(200*time.Millisecond)),
		supervisor.WithTask("search", failing(500*time.Millisecond, fmt.Errorf("search: shard 3: %w", errRefused)), quick, supervisor.WithMaxAttempts(supervisor.Unlimited)),
		supervisor.WithTask("stubborn", supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			return nil
		}), supervisor.WithReadiness(true), supervisor.WithStartTimeout(2*time.Second), supervisor.WithStopTimeout(time.Second)),
		supervisor.WithTask("reports", untilStopped, supervisor.WithSuspended(true)),
		supervisor.WithTask("migration", supervisor.TaskFunc(func(context.Context) error { return nil })),
		supervisor.WithTask("mailer", untilStopped))
}

func escalated(t *testing.T) *supervisor.Supervisor {
	return newSupervisor(t, supervisor.WithName("shop"),
		supervisor.WithTask("disk", failing(2*time.Second, supervisor.Fatal(errors.New("write /var/lib/shop: no space left on device")))),
		supervisor.WithTask("api", untilStopped), supervisor.WithTask("mailer", untilStopped))
}

func many(t *testing.T) *supervisor.Supervisor {
	var pools []supervisor.Option
	for i := range 50 {
		var workers []supervisor.Option
		for j := range 99 {
			task := supervisor.Task(untilStopped)
			if i == 7 && j < 5 {
				task = failing(time.Second, errRefused)
			}
			workers = append(workers, supervisor.WithTask(fmt.Sprintf("worker-%02d", j), task))
		}
		pools = append(pools, supervisor.WithTask(fmt.Sprintf("pool-%02d", i), newSupervisor(t, workers...)))
	}
	return newSupervisor(t, pools...)
}
