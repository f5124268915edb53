package web

import (
	"reflect"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Looks returns 1 if the page's goroutine is to look at the tree, which it does while there are streams.
func (p *Page) Looks() int {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	if p.live.quit != nil {
		return 1
	}
	return 0
}

// Keys returns the keys of all objects of the JSON, as they are called in the guide.
func Keys() map[string][]string {
	return map[string][]string{
		"`tasks.json`": keysOf[overviewObject](), "`task.json`": keysOf[taskObject](), "a decision": keysOf[decisionJSON](),
	}
}

func keysOf[T any]() (keys []string) {
	object := reflect.TypeFor[T]()
	for i := range object.NumField() {
		key, _, _ := strings.Cut(object.Field(i).Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	return keys
}

// Observe has the page take in a decision.
func (p *Page) Observe(t supervisor.Transition) { p.history.observe(t) }

// Servers returns how many servers the page knows.
func (p *Page) Servers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.servers)
}
