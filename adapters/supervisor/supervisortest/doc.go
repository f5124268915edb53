// Package supervisortest is for the tests of programs that use package supervisor. It has tasks that fail, panic, hang and ignore
// their stop on demand, waits for what becomes of tasks, and looks in the end whether all is accounted for and every decision was
// right.
//
//	func TestMailOutlivesItsDatabase(t *testing.T) {
//		supervisortest.Bubble(t, func(t *testing.T) {
//			database := supervisortest.NewTask(t)
//			sup, err := supervisor.New(supervisortest.Checked(t),
//				supervisor.WithTask("database", database, supervisor.ForService()),
//				supervisor.WithTask("mail", NewMail(), supervisor.WithBoundTo("database")))
//			if err != nil {
//				t.Fatal(err)
//			}
//			supervisortest.Start(t, sup)
//			supervisortest.Await(t, sup, "mail", supervisor.UntilReady)
//
//			database.Break(errors.New("connection refused"))
//			supervisortest.Await(t, sup, "mail", supervisor.UntilStopped)
//			time.Sleep(time.Hour) // takes no time
//			database.Mend()
//			supervisortest.Await(t, sup, "mail", supervisor.UntilReady)
//		})
//	}
//
// In a bubble (see testing/synctest) time passes by itself as soon as all goroutines wait, so a test of an hour takes a moment
// and does not depend on the machine. Nothing here needs one: with real time, or a clock of the test's own, all works the same.
//
// Time in a bubble stands still while one of its goroutines waits for something other than a channel made in the bubble, a timer or a
// [sync.Cond]. Channels that package variables hold are made outside: a test that waits for one hangs.
//
// All functions may be called by several goroutines, but those that end the test ([Start], [Await], [AwaitStatus]) only by the test's own.
package supervisortest
