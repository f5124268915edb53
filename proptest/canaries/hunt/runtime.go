package main

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
)

// The runtime's model and the conformance suite are tests beside its own.
const (
	modelTests       = "^TestModel"
	conformanceTests = "^TestConformance"
)

// ownTests runs the tests of the runtime and of its clocks, the others aside.
func ownTests(ctx context.Context, p *planted) (outcome, error) {
	for _, folder := range []string{"clock/internal/wakeup", "clock", "clock/benclock", "adapters/supervisor"} {
		found, err := runtimeTests(ctx, p, folder, "-test.skip", modelTests+"|"+conformanceTests)
		if err != nil || found.Caught {
			return found, err
		}
	}
	return outcome{Cases: "all"}, nil
}

func model(ctx context.Context, p *planted) (outcome, error) {
	return runtimeTests(ctx, p, "adapters/supervisor", "-test.run", modelTests, "-rapid.nofailfile", "-rapid.shrinktime", "1ms")
}

func conformance(ctx context.Context, p *planted) (outcome, error) {
	return runtimeTests(ctx, p, "adapters/supervisor", "-test.run", conformanceTests)
}

// runtimeTests runs tests of one package up to the first that fails.
func runtimeTests(ctx context.Context, p *planted, folder string, args ...string) (outcome, error) {
	args = append(args, "-test.short", "-test.failfast", "-test.timeout", "0")
	out, failed, err := p.run(ctx, filepath.FromSlash(folder), filepath.Base(folder)+".test", args...)
	if err != nil || !failed {
		return outcome{Cases: "all"}, err
	}
	return firstFailed(out), nil
}

var testFailed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// firstFailed returns the name of the test that failed first, which is the last to be named of those within each other.
func firstFailed(out string) outcome {
	names := testFailed.FindAllStringSubmatch(out, -1)
	if names == nil {
		found := broken(out)
		if running := regexp.MustCompile(`(?m)^\s+(Test\S+) \(`).FindStringSubmatch(out); running != nil {
			found.Cases = running[1]
		}
		return found
	}
	name := names[0][1]
	for _, inner := range names[1:] {
		if strings.HasPrefix(inner[1], name+"/") {
			name = inner[1]
		}
	}
	return outcome{Caught: true, Cases: name, What: "--- FAIL: " + name}
}
