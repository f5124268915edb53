package supervisortest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor/supervisortest"
)

// inTest stands for a test function, and prints how the test fails.
func inTest(test func(t testing.TB)) {
	f := &fake{}
	f.run(context.Background(), test)
	for _, failure := range f.failures {
		fmt.Println("FAIL:", failure)
	}
}

// Most tests belong into a bubble, where hours take no time.
func ExampleBubble() {
	_ = func(t *testing.T) { // as a test function, TestMail
		supervisortest.Bubble(t, func(t *testing.T) {
			mail := supervisortest.NewTask(t)
			sup, err := supervisor.New(supervisortest.Checked(t), supervisor.WithTask("mail", mail, supervisor.ForService()))
			if err != nil {
				t.Fatal(err)
			}
			supervisortest.Start(t, sup)
			mail.Break(errors.New("connection refused"))
			time.Sleep(24 * time.Hour)
			mail.Mend()
			supervisortest.Await(t, sup, "mail", supervisor.UntilReady)
		})
	}
}

// A supervisor that was started is stopped when the test ends, and has to account for every run then.
func ExampleStart() {
	inTest(func(t testing.TB) {
		mail := supervisortest.NewTask(t)
		sup, err := supervisor.New(supervisor.WithTask("mail", mail, supervisor.WithStopTimeout(time.Millisecond)))
		if err != nil {
			t.Fatal(err)
		}
		supervisortest.Start(t, sup)
		supervisortest.Await(t, sup, "mail", supervisor.UntilHealthy)
		mail.IgnoreStop()
	})
	// Output: FAIL: a run was left behind by the supervisor started at example_test.go:49: mail run 1 (stop-timeout)
}

// What a test waits for either comes, or cannot come any more: then the test ends, and says how the tree looks.
func ExampleAwait() {
	inTest(func(t testing.TB) {
		mail := supervisortest.NewTask(t)
		sup, err := supervisor.New(supervisor.WithTask("mail", mail, supervisor.WithMaxAttempts(0)))
		if err != nil {
			t.Fatal(err)
		}
		supervisortest.Start(t, sup)
		fmt.Println(supervisortest.Await(t, sup, "mail", supervisor.UntilReady).Status)
		mail.Fail(errors.New("connection refused"))
		fmt.Println(supervisortest.AwaitStatus(t, sup, "mail", supervisor.StatusDead).LastError)
		supervisortest.Await(t, sup, "mail", supervisor.UntilReady)
	})
	// Output:
	// healthy
	// connection refused
	// FAIL: mail did not become ready: wait for task "mail": the task is completed or dead already
	// mail: dead (exhausted), run 1, last exit error: connection refused
}

func ExampleAwaitStatus() {
	inTest(func(t testing.TB) {
		mail := supervisortest.NewTask(t)
		sup, err := supervisor.New(supervisor.WithTask("mail", mail))
		if err != nil {
			t.Fatal(err)
		}
		supervisortest.Start(t, sup)
		mail.Panic("no such mailbox")
		status := supervisortest.AwaitStatus(t, sup, "mail", supervisor.StatusFailed)
		fmt.Println(status.LastExit, status.LastError)
	})
	// Output: panic panic: no such mailbox
}

// The option is for the root of the tree. A program's constructor takes it from its tests.
func ExampleChecked() {
	newShop := func(options ...supervisor.Option) (*supervisor.Supervisor, error) {
		mail := supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		})
		return supervisor.New(append(options, supervisor.WithTask("mail", mail))...)
	}
	inTest(func(t testing.TB) {
		sup, err := newShop(supervisortest.Checked(t))
		if err != nil {
			t.Fatal(err)
		}
		supervisortest.Start(t, sup)
		supervisortest.Await(t, sup, "mail", supervisor.UntilReady)
	})
	fmt.Println("every decision was right")
	// Output: every decision was right
}

// A task does as the test says: here, what a stuck one does to the rest.
func ExampleTask() {
	inTest(func(t testing.TB) {
		database, mail := supervisortest.NewTask(t), supervisortest.NewTask(t)
		sup, err := supervisor.New(
			supervisor.WithTask("database", database, supervisor.WithStopTimeout(time.Millisecond)),
			supervisor.WithTask("mail", mail, supervisor.WithBoundTo("database")))
		if err != nil {
			t.Fatal(err)
		}
		supervisortest.Start(t, sup)
		supervisortest.Await(t, sup, "", supervisor.UntilReady)

		database.IgnoreStop()
		if err := sup.Restart("database"); err != nil {
			t.Fatal(err)
		}
		supervisortest.AwaitStatus(t, sup, "database", supervisor.StatusAbandoned)
		fmt.Println("runs alive:", mail.Alive(), "of mail,", database.Alive(), "of database")
		database.Release()
		fmt.Println("mail is in run", supervisortest.Await(t, sup, "mail", supervisor.UntilReady).Run)
	})
	// Output:
	// runs alive: 0 of mail, 1 of database
	// mail is in run 2
}

func ExampleNewTask() {
	inTest(func(t testing.TB) {
		job := supervisortest.NewTask(t)
		sup, err := supervisor.New(supervisor.WithTask("job", job))
		if err != nil {
			t.Fatal(err)
		}
		supervisortest.Start(t, sup)
		job.Complete()
		supervisortest.AwaitStatus(t, sup, "job", supervisor.StatusCompleted)
		fmt.Println("runs:", job.Runs())
	})
	// Output: runs: 1
}
