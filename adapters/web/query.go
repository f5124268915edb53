package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// What is taken of an address at most: it is looked for in every path.
const (
	findAtMost  = 200 // bytes
	foldsAtMost = 500
)

// rowsOnPage is how many tasks a page shows at a time, and manyTasks how many there are when a page begins with a list of the worst,
// and with supervisors folded.
const (
	rowsOnPage = 200
	manyTasks  = 100
)

// query is what a reader wants to see. All of it is in the address.
type query struct {
	view   string   // "tree" or "list"; "": what suits the number of tasks
	find   string   // part of a path
	show   string   // "": all; "down": what is not up; "restarted": within the last hour
	page   int      // from 1
	folds  []string // paths of supervisors that are folded, or unfolded, against the default
	folded bool     // supervisors are folded unless folds has them
}

func queryOf(values url.Values) query {
	q := query{view: values.Get("view"), find: values.Get("find"), show: values.Get("show"), folded: values.Has("folded")}
	q.find = q.find[:min(len(q.find), findAtMost)]
	q.folds = values["fold"][:min(len(values["fold"]), foldsAtMost)]
	if q.view != "tree" && q.view != "list" {
		q.view = ""
	}
	if q.show != "down" && q.show != "restarted" {
		q.show = ""
	}
	q.page, _ = strconv.Atoi(values.Get("page"))
	q.page = max(1, q.page)
	return q
}

// settle fills in what the address leaves open.
func (q query) settle(tasks int) query {
	if q.view == "" {
		q.view = "tree"
		if tasks > manyTasks {
			q.view, q.folded = "list", true
		}
	}
	return q
}

// String returns the query as it stands in a relative address.
func (q query) String() string {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("view", q.view)
	set("find", q.find)
	set("show", q.show)
	if q.page > 1 {
		set("page", strconv.Itoa(q.page))
	}
	if q.folded {
		values.Set("folded", "")
	}
	if len(q.folds) > 0 {
		values["fold"] = q.folds
	}
	return "?" + values.Encode()
}

// with returns the query with a change, at its first page.
func (q query) with(change func(*query)) query {
	q.page, q.folds = 1, slices.Clone(q.folds)
	change(&q)
	return q
}

// toggled returns the query with a supervisor folded if it is not, and the other way round.
func (q query) toggled(path string) query {
	return q.with(func(q *query) {
		if i := slices.Index(q.folds, path); i >= 0 {
			q.folds = slices.Delete(q.folds, i, i+1)
		} else {
			q.folds = append(q.folds, path)
		}
	})
}

func (q query) isFolded(path string) bool { return q.folded != slices.Contains(q.folds, path) }

// finds reports whether a path has what the reader looks for.
func (q query) finds(path string) bool {
	return q.find == "" || strings.Contains(strings.ToLower(path), strings.ToLower(q.find))
}
