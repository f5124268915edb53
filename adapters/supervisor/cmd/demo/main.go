// Command demo is a small shop under supervision, shown live in the terminal: a tree of supervisors in which one thing
// after the other goes wrong, and is put right.
//
// In a terminal it shows the tree, what every task does, why, and until when, with one line below it for every change;
// elsewhere, for instance in a pipe, it prints the lines. It obeys what you type: "fail stock/counter", "suspend web",
// "restart storage". Ctrl-C shuts the shop down in order and prints the report; a second Ctrl-C ends it at once.
//
// This is also an example to copy from: tree.go is the tree, tasks.go and web.go the tasks, script.go what happens to
// them, screen.go what is shown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on a second Ctrl-C has its usual effect
	os.Exit(run(ctx, os.Args[1:], net.Listen, os.Stdin, os.Stdout, os.Stderr))
}

type settings struct {
	address string
	listen  listen
	length  time.Duration
	calm    bool
}

// listen is net.Listen, or takes its place where there is no network.
type listen func(network, address string) (net.Listener, error)

func run(ctx context.Context, args []string, listen listen, stdin io.Reader, stdout, stderr io.Writer) (exitCode int) {
	set, plain := settings{listen: listen}, false
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&set.address, "listen", "127.0.0.1:0", "the web server's `address`; port 0 takes any free one")
	flags.Func("for", "shut down after this `duration`, such as 30s; 0 runs until Ctrl-C", func(text string) (err error) {
		if set.length, err = time.ParseDuration(text); err == nil {
			return nil
		}
		if _, bare := time.ParseDuration(text + "s"); bare == nil {
			return fmt.Errorf("the unit is missing: did you mean %ss?", text)
		}
		return errors.New("it is no duration, such as 30s or 5m")
	})
	flags.BoolVar(&set.calm, "calm", false, "let nothing go wrong but what is typed")
	flags.BoolVar(&plain, "plain", false, "print lines in a terminal, too")
	if err := flags.Parse(args); err == flag.ErrHelp {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "demo takes no arguments, but got %q\n", flags.Args())
		return 2
	}
	if set.length < 0 {
		fmt.Fprintln(stderr, "demo: -for must not be negative")
		return 2
	}

	screen := &screen{out: stdout, live: !plain && isTerminal(stdout)}
	if err := supervise(ctx, set, stdin, screen); err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return 1
	}
	return 0
}

// supervise runs the shop until ctx is cancelled, and prints the report.
func supervise(ctx context.Context, set settings, stdin io.Reader, screen *screen) error {
	if set.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, set.length)
		defer cancel()
	}
	mishaps := new(mishaps)
	shop := newShop(screen.event, mishaps, &website{set: set, mishaps: mishaps, say: screen.print})
	operator := &operator{shop: shop, mishaps: mishaps, screen: screen}

	// The picture goes first, so that what follows is seen below it.
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() {
		screen.close()
		end()
	})()
	screen.open(len(shop.Tree()))
	var background sync.WaitGroup
	background.Go(func() { screen.watch(running, shop) })
	if !set.calm {
		background.Go(func() { operator.follow(running, script()) })
	}
	go operator.listen(stdin) // until the input ends, which may be never

	err := shop.Run(running)
	end()
	background.Wait()
	screen.close()
	screen.report(shop.Report())
	return err
}
