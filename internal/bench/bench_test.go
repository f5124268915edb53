package main

import (
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Measurements start this binary anew, as the command does itself.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-measure") {
		main()
		return
	}
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each of a hundred processes waits a second at its end
	os.Exit(m.Run())
}

// small is a plan whose measurements take milliseconds.
func small() plan {
	return plan{rounds: 2, within: time.Hour, scale: 10_000, contests: regexp.MustCompile(""), entrants: regexp.MustCompile(""), withoutBenchmarks: true}
}

// held are the results of such a plan.
var held = sync.OnceValues(func() (*results, error) { return small().hold(io.Discard) })

// Every contestant of every contest has figures to show, in every round.
func TestEveryContestIsHeld(t *testing.T) {
	p := small()
	r, err := held()
	require.NoError(t, err)
	for _, g := range groups() {
		for _, c := range g.contests {
			rows := r.of(c.name)
			for _, e := range c.entrants {
				if e.measure == nil {
					continue
				}
				require.NotEmpty(t, rows, c.name)
				require.Contains(t, g.columns, e.name, c.name)
				require.Len(t, slices.DeleteFunc(slices.Clone(g.columns), func(c string) bool { return c != e.name }), 1)
				rounds := p.rounds
				if c.rounds > 0 {
					rounds = min(rounds, c.rounds)
				}
				for _, row := range rows {
					require.Len(t, row.values[e.name], rounds, "%s: %s: %s", c.name, e.name, row.metric)
					for _, value := range row.values[e.name] {
						require.False(t, math.IsNaN(value) || math.IsInf(value, 0), "%s: %s: %s", c.name, e.name, row.metric)
					}
				}
			}
		}
	}

	directory := t.TempDir()
	require.NoError(t, write(directory, r, p))
	table, err := os.ReadFile(filepath.Join(directory, "table.md"))
	require.NoError(t, err)
	for _, g := range groups() {
		for _, c := range g.contests {
			if c.title != "" && c.entrants[0].bench == nil {
				require.Contains(t, string(table), "| "+c.title+": ", "%s", c.name)
			}
		}
	}
	require.Contains(t, string(table), "no figure counts")
}

// When time is over, no round begins any more.
func TestRoundsEndInTime(t *testing.T) {
	p := small()
	p.contests, p.within = regexp.MustCompile("^beat$"), 1
	r, err := p.hold(io.Discard)
	require.NoError(t, err)
	require.Equal(t, 1, r.rounds)
	require.Len(t, r.find("beat", "time").values["ours"], 1)
	require.Contains(t, report(r, p), "Medians of up to 1 rounds")
}

func TestContestsHaveDistinctNames(t *testing.T) {
	var names []string
	for _, g := range groups() {
		for _, c := range g.contests {
			require.NotContains(t, names, c.name)
			require.NotEmpty(t, c.entrants)
			names = append(names, c.name)
		}
	}
}

func TestWhatIsNotThereCannotBeMeasured(t *testing.T) {
	require.ErrorContains(t, measureHere("restart-1/nobody", 1), "restart-1/nobody")
	_, err := plan{rounds: 1, scale: 1, contests: regexp.MustCompile("unheard of"), entrants: regexp.MustCompile("")}.hold(io.Discard)
	require.ErrorContains(t, err, "unheard of")
}

// A ratio is taken within each round, and the median of the ratios is shown: it is not the ratio of the medians.
func TestTable(t *testing.T) {
	nothing := func(scale) []metric { return nil }
	g := group{title: "things", columns: []string{"floor", "peer", "ours"}, contests: []contest{
		{name: "a", title: "one thing", entrants: []entrant{{name: "floor", measure: nothing}, {name: "peer", measure: nothing}, {name: "ours", measure: nothing}}},
		{name: "b", title: "another", entrants: []entrant{{name: "peer", measure: nothing}, {name: "ours", measure: nothing}}},
		{name: "c", title: "", entrants: []entrant{{name: "ours", measure: nothing}}},
		{name: "d", title: "not held", entrants: []entrant{{name: "ours", measure: nothing}}},
	}}
	r := new(results)
	for _, round := range [][3]float64{{100, 300, 50}, {200, 200, 500}, {400, 1200, 800}} {
		r.note("a", "floor", []metric{{"time", nanoseconds, round[0]}, {"memory", octets, 0}})
		r.note("a", "peer", []metric{{"time", nanoseconds, round[1]}})
		r.note("a", "ours", []metric{{"time", nanoseconds, round[2]}, {"memory", octets, 1234}})
	}
	r.note("b", "peer", []metric{{"time", nanoseconds, 10}})
	r.note("b", "ours", []metric{{"time", nanoseconds, 1.5e9}})
	r.note("c", "ours", []metric{{"time", nanoseconds, 1}})
	require.Equal(t, `| things | floor | peer | ours | spread |
|---|---:|---:|---:|---:|
| one thing: time | 200 ns | 300 ns, 3× | 500 ns, 2× | 100% |
| … memory | 0 B | – | 1.23 kB | – |
| another: time | has none | 10 ns | 1.50 s, 150000000× | – |
`, g.table(r))
	require.Equal(t, []string{"another: time: 150000000× peer's"}, g.behind(r))
}

// A budget is about something that is measured.
func TestBudgets(t *testing.T) {
	r := new(results)
	for _, g := range groups() {
		for _, c := range g.contests {
			for _, e := range c.entrants {
				if e.bench != nil {
					for _, f := range e.bench.figures {
						r.note(c.name, e.name, []metric{{f.metric, f.unit, 1}})
					}
				}
			}
		}
	}
	measured, err := held()
	require.NoError(t, err)
	r.rows = append(r.rows, measured.rows...)
	for _, b := range budgets() {
		_, ok := b.reached(r)
		require.True(t, ok, b.what)
	}

	r = new(results)
	require.Empty(t, budgetTable(r))
	r.note("panic", "ours", []metric{{"time", nanoseconds, 3010}})
	r.note("waiting", "ours", []metric{{"memory", octets, 310}})
	r.note("status", "raw-ctx", []metric{{"time", nanoseconds, 10}})
	r.note("status", "ours", []metric{{"time", nanoseconds, 20}})
	require.Equal(t, `| what | budget | reached | met |
|---|---:|---:|---|
| a restart after a panic, with value and stack | 3 us | 3.01 us | yes |
| memory of a task in backoff | 300 B | 310 B | **no** |
| status of one of 10,000, beside a map look-up under a lock | 2× | 2× | yes |
`, budgetTable(r))
}

func TestSpread(t *testing.T) {
	require.InDelta(t, 50, spread([]float64{8, 10, 13}), 1e-9)
	require.InDelta(t, 3.5, median([]float64{4, 1, 3, 7}), 1e-9)
	require.InDelta(t, 3, median([]float64{9, 1, 3}), 1e-9)
}

func TestPrint(t *testing.T) {
	for _, sample := range []struct {
		unit  unit
		value float64
		text  string
	}{
		{nanoseconds, 0, "0 ns"}, {nanoseconds, 1.234, "1.23 ns"}, {nanoseconds, 999, "999 ns"}, {nanoseconds, 1000, "1 us"},
		{nanoseconds, 12_345, "12.3 us"}, {nanoseconds, 2.5e7, "25 ms"}, {nanoseconds, 8.3e10, "83 s"},
		{octets, 3043, "3.04 kB"}, {octets, -40, "-40 B"}, {percent, 97.8, "97.8%"}, {count, 14, "14"}, {count, 2_500_000, "2.50 million"},
	} {
		require.Equal(t, sample.text, sample.unit.print(sample.value))
	}
	require.Equal(t, []string{"0.037×", "0.96×", "3.70×", "27×"}, []string{times(0.0371), times(0.96), times(3.7), times(26.7)})
}

func TestFiguresAreThoseOfGoBenchmarks(t *testing.T) {
	r := new(results)
	r.note("churn", "our clock", []metric{{"processor time", nanoseconds, 12.5}, {"allocations", count, 3}})
	r.note("churn", "our clock", []metric{{"processor time", nanoseconds, 13}, {"allocations", count, 3}})
	_, figures, _ := strings.Cut(r.figures(), "/internal/bench\n")
	require.Equal(t, `BenchmarkChurn/our-clock/processor-time 1 12.5 ns/op
BenchmarkChurn/our-clock/processor-time 1 13 ns/op
BenchmarkChurn/our-clock/allocations 1 3 n/op
BenchmarkChurn/our-clock/allocations 1 3 n/op
`, figures)
}

func TestBenchmarksAreRead(t *testing.T) {
	b := benchmark{folder: "core", name: "Step/1000", figures: []figure{
		{printed: "ns/op", metric: "time", unit: nanoseconds}, {printed: "bytes/task", metric: "memory", unit: octets},
	}}
	require.Equal(t, "^BenchmarkStep$/^1000$", b.pattern())
	metrics, err := b.parse(`goos: linux
BenchmarkStep/1000-2         	14502466	        72.29 ns/op	        74.62 bytes/task	       0 B/op	       0 allocs/op
PASS
`)
	require.NoError(t, err)
	require.Equal(t, []metric{{"time", nanoseconds, 72.29}, {"memory", octets, 74.62}}, metrics)
	require.Equal(t, metric{"a", nanoseconds, 200}, figure{metric: "a", unit: nanoseconds, perSecond: true}.of(5e6))
	require.Equal(t, metric{"a", nanoseconds, 3e6}, figure{metric: "a", unit: nanoseconds, times: 1e6}.of(3))
	_, err = b.parse("PASS\n")
	require.ErrorContains(t, err, "Step/1000")
}

// The Go benchmarks that are run are there.
func TestBenchmarksExist(t *testing.T) {
	for _, g := range groups() {
		for _, c := range g.contests {
			for _, e := range c.entrants {
				if e.bench == nil {
					continue
				}
				files, err := filepath.Glob(filepath.Join("../..", e.bench.folder, "*_test.go"))
				require.NoError(t, err)
				name, _, _ := strings.Cut(e.bench.name, "/")
				require.True(t, slices.ContainsFunc(files, func(file string) bool {
					text, err := os.ReadFile(file)
					require.NoError(t, err)
					return strings.Contains(string(text), "\nfunc Benchmark"+name+"(")
				}), "%s has no Benchmark%s", e.bench.folder, name)
			}
		}
	}
}

func TestDocument(t *testing.T) {
	path := filepath.Join(t.TempDir(), "performance.md")
	require.NoError(t, os.WriteFile(path, []byte("before\n"+begins+"\nformer\n"+ends+"\nafter\n"), 0o600))
	r := new(results)
	r.note("start-1", "raw-ctx", []metric{{"cold start", nanoseconds, 1000}})
	r.note("start-100000", "raw-ctx", []metric{{"cold start", nanoseconds, 2000}})
	require.NoError(t, document(path, r, plan{rounds: 1, scale: 1}))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(text), "former")
	require.Contains(t, string(text), "| 100,000 idle tasks, each: cold start | 2 us |")
	require.True(t, strings.HasPrefix(string(text), "before\n"+begins+"\n"))
	require.True(t, strings.HasSuffix(string(text), ends+"\nafter\n"))
	require.FileExists(t, filepath.Join(filepath.Dir(path), "growth-start.svg"))
	require.NoFileExists(t, filepath.Join(filepath.Dir(path), "growth-restart.svg"))

	_, err = between("no place", "table")
	require.ErrorContains(t, err, "no place")
}

// A picture holds all its points, at their places.
func TestPicture(t *testing.T) {
	r := new(results)
	p := picture{"restart.svg", "restart", runtimes().columns, ofContests("restart", "time")}
	require.Empty(t, p.draw(r))
	for _, c := range runtimes().contests {
		if c.curve == "restart" {
			r.note(c.name, "raw-ctx", []metric{{"time", nanoseconds, 100 * float64(c.size)}})
			r.note(c.name, "ours", []metric{{"time", nanoseconds, 300}})
		}
	}
	curves, unit := p.points(r)
	require.Len(t, curves, 2)
	require.Equal(t, nanoseconds, unit)
	require.Equal(t, point{1, 100}, curves["raw-ctx"][0])
	require.Equal(t, point{1_000, 100_000}, curves["raw-ctx"][3])
	x, y := axesOf(curves)
	require.InDelta(t, left, x.place(1), 1e-9)
	require.InDelta(t, (left+x.place(100))/2, x.place(10), 1e-9)
	require.InDelta(t, chartHeight-bottom, y.place(100), 1e-9)
	require.LessOrEqual(t, y.place(300), float64(chartHeight-bottom))

	svg := p.draw(r)
	require.NoError(t, xml.Unmarshal([]byte(svg), new(struct{})))
	require.Equal(t, 2, strings.Count(svg, "<path"))
	require.Equal(t, len(curves["ours"])+len(curves["raw-ctx"]), strings.Count(svg, "<circle"))
	for _, text := range []string{">raw-ctx<", ">ours<", ">10,000<", ">1 us<"} {
		require.Contains(t, svg, text)
	}
}

func TestLabelsStandApart(t *testing.T) {
	var places []float64
	for _, l := range apart([]label{{y: 100}, {y: 50}, {y: 101}, {y: 107}}) {
		places = append(places, l.y)
	}
	require.Equal(t, []float64{50, 100, 114, 128}, places)
}

// Each picture is of something that is measured, and the document shows it.
func TestPictures(t *testing.T) {
	r := new(results)
	for _, g := range groups() {
		for _, c := range g.contests {
			for i, e := range c.entrants {
				for _, m := range []metric{{"time", nanoseconds, 1}, {"cold start", nanoseconds, 1}, {"memory", octets, 1}} {
					m.Value += float64(i * c.size)
					r.note(c.name, e.name, []metric{m})
				}
			}
		}
	}
	text, err := os.ReadFile("../../docs/performance.md")
	require.NoError(t, err)
	for _, p := range pictures() {
		svg := p.draw(r)
		require.NoError(t, xml.Unmarshal([]byte(svg), new(struct{})), p.file)
		require.Equal(t, len(p.curves), strings.Count(svg, "<path"), p.file)
		require.Contains(t, string(text), "]("+p.file+")")
		require.FileExists(t, "../../docs/"+p.file)
	}
}

func TestInstantsComeInOrder(t *testing.T) {
	var h instants
	for _, d := range delays(1000) {
		h.push(int64(d))
	}
	var all []int64
	for len(h) > 0 {
		all = append(all, h.pop())
	}
	require.Len(t, all, 1000)
	require.True(t, slices.IsSorted(all))
}
