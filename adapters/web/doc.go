// Package web shows a tree of supervisors in a browser, live, and answers health checks. It needs nothing but the standard library,
// and is in the program like the supervisor itself: no other process, no agent, no build step.
//
//	page := web.New(sup)
//	mux.Handle("/debug/tasks/", page)
//	health := web.Health(sup)
//	mux.Handle("/livez", health)
//	mux.Handle("/readyz", health)
//
// # Who may see it
//
// A page has no authentication of its own: it is an [http.Handler], to be put behind whatever guards the rest of a program's
// operator pages. It shows names, errors and stacks of tasks, so do not leave it open to the world. It can only be read, unless
// [WithControls] is given. It is not registered anywhere by an import.
//
// # What there is
//
// All of these are below the prefix that the page is mounted at, in one folder, and take GET and HEAD:
//
//	./           the page: one sentence of state, limits, and all tasks, the worst first or as a tree
//	task         the page of one task: ?path=...
//	tasks.json   the same as JSON, also for ./ with "Accept: application/json". ?find, ?show and ?page as in the page's addresses
//	task.json    the same as JSON, also for task
//	events       decisions as they happen, as server-sent events, from the one after Last-Event-ID on
//	recording    what WithRecording writes, to download
//	act          POST only, and with WithControls only: action (restart, stop, suspend, resume) and path as a form
//
// The page itself also loads page.css, page.js and icons, and asks for view. A page at a root, such as "/debug/tasks/", has to be
// mounted with its slash at the end. [http.StripPrefix] may take off the prefix or not.
//
// # What it costs
//
// While no one looks: what the observer takes, well under a microsecond a decision, in a goroutine of its own, and at most some 15 MB for
// the past of the tree; usually far less. While pages are open, the tree is looked at when something has happened, four times a
// second at most, and every five seconds if nothing has, once for all who look. A hidden tab does not look.
//
// # When a server shuts down
//
// A stream lasts for as long as a tab is open, and [http.Server.Shutdown] waits for requests under way. So a page ends the streams
// of a server when that shuts down: it registers itself with the server by [http.Server.RegisterOnShutdown] at the first request.
// Nothing needs to be done for that. Where the very first request to a server is for a stream, and comes when Shutdown has begun, that
// ends after five minutes, as any does: its client comes back. [Page.Close] ends all at once.
package web
