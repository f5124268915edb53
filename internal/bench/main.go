package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

func main() {
	rounds := flag.Int("rounds", 5, "how often everything is measured")
	only := flag.String("run", "", "measure only the cases whose names match this `expression`")
	out := flag.String("out", "", "write the table into this `file`, too")
	child := flag.String("measure", "", "measure one `case/subject` in this process, and print it as JSON")
	flag.Parse()
	if err := run(*rounds, *only, *out, *child); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int, only, out, child string) error {
	if child != "" {
		return measureHere(child)
	}
	matches, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	table := newTable(rounds)
	for round := range rounds {
		for _, c := range cases {
			if !matches.MatchString(c.name) {
				continue
			}
			for _, s := range subjects {
				if c.can != nil && !c.can(s.make()) {
					continue
				}
				fmt.Fprintf(os.Stderr, "round %d of %d: %s, %s\n", round+1, rounds, c.name, s.name)
				metrics, err := measureApart(c.name + "/" + s.name)
				if err != nil {
					return err
				}
				table.note(c, s.name, metrics)
			}
		}
	}
	if len(table.rows) == 0 {
		return fmt.Errorf("no case matches %q", only)
	}
	text := table.String()
	fmt.Print(text)
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

// measureHere makes one measurement in this process.
func measureHere(what string) error {
	name, of, _ := strings.Cut(what, "/")
	for _, c := range cases {
		for _, s := range subjects {
			if c.name == name && s.name == of {
				return json.NewEncoder(os.Stdout).Encode(c.measure(s.make()))
			}
		}
	}
	return fmt.Errorf("there is no measurement %q", what)
}

// measureApart makes one measurement in a process of its own.
func measureApart(what string) (metrics []metric, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(self, "-measure", what)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", what, err, stderr.String())
	}
	err = json.Unmarshal(stdout.Bytes(), &metrics)
	return metrics, err
}
