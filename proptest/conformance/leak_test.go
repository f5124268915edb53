package conformance

import (
	"testing"

	"go.uber.org/goleak"
)

// The runtimes that are broken on purpose leak; nothing else may.
func TestMain(m *testing.M) {
	const here = "github.com/tasksupervisor/tasksupervisor/proptest/conformance."
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction(here+"(*crooked).Wait"),
		goleak.IgnoreAnyFunction(here+"openCrooked.func1"),
	)
}
