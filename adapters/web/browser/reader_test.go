//go:build system

package browser

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// press presses keys until an element has the focus, which everything that can be used must be able to get.
func (b *tab) press(key, selector string) {
	b.t.Helper()
	for range 80 {
		if eval[bool](b, "document.activeElement.matches("+quote(selector)+")") {
			require.NotEqual(b.t, "none", eval[string](b, "getComputedStyle(document.activeElement).outlineStyle"), "the focus is seen at %s", selector)
			return
		}
		b.do(chromedp.KeyEvent(key))
	}
	require.FailNow(b.t, "the keyboard does not reach "+selector)
}

func quote(text string) string { return "`" + strings.ReplaceAll(text, "`", "\\`") + "`" }

// Everything can be done by keyboard alone: find, fold, look at a task, and each command.
func TestSystemByKeyboardAlone(t *testing.T) {
	below := newSupervisor(t, supervisor.WithTask("leaf", untilStopped))
	sup := newSupervisor(t, supervisor.WithTask("below", below), supervisor.WithTask("task", untilStopped))
	b := newTab(t)
	b.open(serve(t, sup, web.WithControls(nil)))
	b.press(kb.Tab, "a.skip")
	b.press(kb.Tab, "input[type=search]")
	b.do(chromedp.KeyEvent("leaf"))
	b.until(`document.querySelectorAll("#rows tr").length === 1 && location.search.includes("find=leaf")`)
	b.do(chromedp.KeyEvent(kb.Backspace + kb.Backspace + kb.Backspace + kb.Backspace))
	b.until(`document.querySelectorAll("#rows tr").length === 3`)
	b.press(kb.Tab, "select")
	b.press(kb.Tab, "a.fold")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelectorAll("#rows tr").length === 2 && document.querySelector(".fold").getAttribute("aria-expanded") === "false"`)
	require.True(t, eval[bool](b, `document.activeElement.matches("a.fold")`), "the focus stays where it was")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelectorAll("#rows tr").length === 3`)
	b.press(kb.Tab, `tr[data-key="task"] a`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`location.pathname.endsWith("/task") && document.getElementById("live").textContent === "Live."`)

	b.press(kb.Tab, "button[value=restart]")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.getElementById("said").textContent === "Restart: done." && document.querySelector("#task-now dd").textContent === "2"`)
	b.press(kb.Tab, "button[value=suspend]")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector("button[value=resume]")`)
	b.press(kb.Tab, "button[value=resume]")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector("#task-now dd").textContent === "3" && document.querySelector("button[value=suspend]")`)
	b.press(kb.Tab, ".act summary")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector(".act").open`)
	b.press(kb.Tab, "button[value=stop]")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector("#task-now .pill").textContent.includes("killed")`)
}

// A command that is refused says so where it was given.
func TestSystemARefusedCommandSaysWhy(t *testing.T) {
	sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
	b := newTab(t)
	b.open(serve(t, sup, web.WithControls(func(*http.Request, web.Action, string) error { return errors.New("only <b>operators</b> may do that") })) + "task?path=task")
	b.do(chromedp.Click("button[value=restart]"))
	b.until(`document.getElementById("said").textContent.trim() === "Restart was refused: only <b>operators</b> may do that"`)
	b.forgive("403")
}

// Without a script the page is loaded anew, finds, folds, pages and takes commands: by plain HTTP from another machine, too, where a
// browser does not say which site a form comes from.
func TestSystemWithoutAScript(t *testing.T) {
	below := newSupervisor(t, supervisor.WithTask("leaf", untilStopped))
	sup := newSupervisor(t, supervisor.WithTask("below", below), supervisor.WithTask("task", untilStopped))
	address := serve(t, sup, web.WithControls(nil), web.WithHosts("ops.test"))
	at, err := url.Parse(address)
	require.NoError(t, err)
	address = "http://ops.test:" + at.Port() + at.Path
	b := newTab(t)
	b.do(command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.load(address)
	html := func() string {
		text, err := chromedp.Run(b, chromedp.OuterHTML("html"))
		require.NoError(t, err)
		return text
	}
	require.Contains(t, html(), "All 3 tasks are up.")
	require.Contains(t, html(), "is loaded anew every 5 seconds")
	b.do(chromedp.Click("a.fold"), chromedp.WaitReady("tr.folded"))
	require.NotContains(t, html(), "below/leaf")
	b.do(chromedp.SetValue("input[type=search]", "task"), chromedp.Submit("input[type=search]"), chromedp.WaitReady("#rows"))
	require.Contains(t, html(), "1 task of 3 tasks")
	b.do(chromedp.Click(`tr[data-key="task"] a`), chromedp.WaitReady("button[value=restart]"), chromedp.Click("button[value=restart]"))
	ctx, cancel := context.WithTimeout(b, patience)
	defer cancel()
	require.NoError(t, sup.WaitUntil(ctx, "task", func(s supervisor.TaskStatus) bool { return s.Run == 2 }))
	b.do(chromedp.WaitReady(".said:not([hidden])"))
	require.Contains(t, html(), "Restart: done.")
}

// Names and errors are text, for a browser, too: nothing of them runs, and nothing of them is loaded.
func TestSystemNamesAndErrorsAreText(t *testing.T) {
	const evil = `<img src=x onerror="window.hacked=1"><script>window.hacked=1<\script>`
	sup := newSupervisor(t, supervisor.WithTask(evil, failing(0, errors.New(`</pre><svg onload="window.hacked=1">`+"\x1b[31m\u202e")), supervisor.WithBaseDelay(100*time.Millisecond),
		supervisor.WithMaxAttempts(supervisor.Unlimited)))
	address := serve(t, sup, web.WithTitle(evil), web.WithControls(nil))
	for _, page := range []string{"", "?view=list&find=" + url.QueryEscape("<img"), "task?path=" + url.QueryEscape(evil)} {
		b := newTab(t)
		b.open(address + page)
		b.until(`document.body.innerText.includes('<svg onload="window.hacked=1">\\x1b[31m\\u202e')`)
		require.True(t, eval[bool](b, `window.hacked === undefined && document.querySelectorAll("img, script:not([src])").length === 0`))
	}
}
