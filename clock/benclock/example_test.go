package benclock_test

import (
	"fmt"
	"time"

	mockclock "github.com/benbjohnson/clock"

	"github.com/tasksupervisor/tasksupervisor/clock/benclock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

func ExampleNew() {
	mock := mockclock.NewMock()
	source := benclock.New(mock).NewSource()
	source.Arm(core.Instant(time.Minute), true)

	mock.Add(time.Minute)
	<-source.Wake()
	fmt.Println("woken at", source.Now())
	// Output: woken at 1m0s
}
