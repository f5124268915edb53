package main

import (
	"context"
	"io"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// play is the shop with what happens to it, and what is shown of that.
type play struct {
	set      settings
	shop     *supervisor.Supervisor
	workshop *workshop
	screen   *screen
	operator *operator
}

func newPlay(set settings, out io.Writer) *play {
	screen := newScreen(out)
	p := &play{set: set, workshop: new(workshop), screen: screen}
	web := newWebsite(set.listener, p.workshop)
	p.shop = newShop(screen.event, p.workshop, web, supervisor.WithRecorder(set.recording))
	web.handler = pages(p.shop)
	p.operator = newOperator(p.shop, p.workshop, screen)
	return p
}

// run runs the shop until ctx is cancelled and all has stopped.
func (p *play) run(ctx context.Context) error {
	running, end := context.WithCancel(ctx)
	defer end()
	p.screen.showsPage("http://" + p.set.listener.Addr().String())
	p.screen.announce(opening)
	defer context.AfterFunc(ctx, func() { p.screen.announce(closing) })()
	var background sync.WaitGroup
	background.Go(func() {
		if p.set.calm {
			p.operator.follow(running, calm())
		} else {
			p.operator.follow(running, storyboard())
		}
	})
	err := p.shop.Run(running)
	end()
	background.Wait()
	return err
}

// inLines shows a play as lines, and obeys typed ones.
func inLines(orderly, atOnce context.Context, p *play, c console) error {
	p.screen.print("%s\n%s\nEnter shows the tree, Ctrl-C stops", usage, words)
	go p.operator.listen(c.stdin) // until the input ends, which may be never
	ended := make(chan error, 1)
	go func() { ended <- p.run(orderly) }()
	select {
	case err := <-ended:
		return err
	case <-atOnce.Done():
		return errAtOnce
	}
}
