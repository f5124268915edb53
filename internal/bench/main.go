package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	var p plan
	flag.IntVar(&p.rounds, "rounds", 5, "how often each contest is held; those that take long are held less often")
	flag.IntVar((*int)(&p.scale), "scale", 1, "how many times smaller everything is than it should be, for a quick look")
	flag.DurationVar(&p.within, "within", 12*time.Minute, "begin no round that would probably last longer than this, but the first")
	run := flag.String("run", "", "hold only the contests whose names match this `expression`")
	of := flag.String("of", "", "measure only the contestants whose names match this `expression`")
	out := flag.String("out", "", "write the table, the figures and the pictures into this `directory`")
	doc := flag.String("doc", "", "write the table into this Markdown `file`, and the pictures beside it")
	flag.BoolVar(&p.withoutBenchmarks, "without-benchmarks", false, "leave out Go benchmarks")
	measure := flag.String("measure", "", "measure one `contest/contestant` in this process, and print it as JSON")
	flag.Parse()
	err := func() (err error) {
		if *measure != "" {
			return measureHere(*measure, p.scale)
		}
		if *doc != "" && (p.scale != 1 || *run != "" || *of != "" || p.withoutBenchmarks) {
			return errors.New("a document gets the figures of all contests, at full size")
		}
		if p.contests, err = regexp.Compile(*run); err != nil {
			return err
		}
		if p.entrants, err = regexp.Compile(*of); err != nil {
			return err
		}
		r, err := p.hold(os.Stderr)
		if err != nil {
			return err
		}
		fmt.Print(report(r, p))
		if *out != "" {
			if err := write(*out, r, p); err != nil {
				return err
			}
		}
		if *doc == "" {
			return nil
		}
		return document(*doc, r, p)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// plan says what to measure, and how often.
type plan struct {
	rounds             int
	within             time.Duration // from the beginning; no round but the first begins that would take longer
	scale              scale
	contests, entrants *regexp.Regexp
	withoutBenchmarks  bool // leave out Go benchmarks, which are compiled first
}

// hold holds the contests, and tells of each on a writer. The contestants take turns.
func (p plan) hold(progress io.Writer) (*results, error) {
	directory, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	binaries := &testBinaries{directory, make(map[string]string)}
	r := new(results)
	began, took := time.Now(), make(map[string]time.Duration)
	for round := range p.rounds {
		contests := p.inRound(round)
		if round > 0 && time.Since(began)+total(contests, took) > p.within {
			break
		}
		r.rounds++
		for _, c := range contests {
			contestBegan := time.Now()
			for _, e := range c.entrants {
				if !p.entrants.MatchString(e.name) || e.bench == nil && e.measure == nil || e.bench != nil && p.withoutBenchmarks {
					continue
				}
				fmt.Fprintf(progress, "round %d of %d: %s, %s\n", round+1, p.rounds, c.name, e.name)
				metrics, err := p.measure(c, e, binaries)
				if err != nil {
					return nil, err
				}
				r.note(c.name, e.name, metrics)
			}
			took[c.name] = time.Since(contestBegan)
		}
	}
	if len(r.rows) == 0 {
		return nil, fmt.Errorf("there is no contest %q with a contestant %q", p.contests, p.entrants)
	}
	return r, nil
}

// inRound returns the contests that are held in a round.
func (p plan) inRound(round int) []contest {
	var contests []contest
	for _, g := range groups() {
		for _, c := range g.contests {
			if p.contests.MatchString(c.name) && (c.rounds == 0 || round < c.rounds) {
				contests = append(contests, c)
			}
		}
	}
	return contests
}

// total returns how long contests took the last time.
func total(contests []contest, took map[string]time.Duration) (d time.Duration) {
	for _, c := range contests {
		d += took[c.name]
	}
	return d
}

// measure makes one measurement, in a process of its own.
func (p plan) measure(c contest, e entrant, binaries *testBinaries) (metrics []metric, err error) {
	if e.bench != nil {
		return e.bench.run(binaries, p.scale)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	what := c.name + "/" + e.name
	text, err := output(exec.Command(self, "-measure", what, "-scale", strconv.Itoa(int(p.scale))))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	err = json.Unmarshal(text, &metrics)
	return metrics, err
}

// output runs a command, and returns what it prints.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w\n%s%s", err, stdout.String(), stderr.String())
	}
	return stdout.Bytes(), nil
}

// measureHere makes one measurement in this process.
func measureHere(what string, at scale) error {
	for _, g := range groups() {
		for _, c := range g.contests {
			for _, e := range c.entrants {
				if c.name+"/"+e.name == what && e.measure != nil {
					return json.NewEncoder(os.Stdout).Encode(e.measure(at))
				}
			}
		}
	}
	return fmt.Errorf("there is no measurement %q", what)
}

// report is all tables, and what to know to read them.
func report(r *results, p plan) string {
	var text strings.Builder
	fmt.Fprintf(&text, "Medians of up to %d rounds on %s, %s/%s, %d processors.", r.rounds, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	if p.scale != 1 {
		fmt.Fprintf(&text, " All is %d times smaller than its title says, so no figure counts.", p.scale)
	}
	text.WriteString("\n")
	for _, g := range groups() {
		if table := g.table(r); table != "" {
			text.WriteString("\n" + table)
		}
	}
	if table := budgetTable(r); table != "" {
		text.WriteString("\n" + table)
	}
	if behind := behindPeers(r); len(behind) > 0 {
		text.WriteString("\nBehind a peer by more than a tenth:\n\n- " + strings.Join(behind, "\n- ") + "\n")
	}
	return text.String()
}

// write writes the tables, every single figure, and the pictures.
func write(directory string, r *results, p plan) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	files := map[string]string{"table.md": report(r, p), "figures.txt": r.figures()}
	for _, picture := range pictures() {
		if svg := picture.draw(r); svg != "" {
			files[picture.file] = svg
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
