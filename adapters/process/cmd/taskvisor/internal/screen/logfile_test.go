package screen

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// files returns the contents of all files of a folder, by name.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	found := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		require.NoError(t, err)
		found[entry.Name()] = string(text)
	}
	return found
}

func noProblem(t *testing.T) func(string) {
	return func(text string) { t.Error(text) }
}

func TestLogFilesAreRotated(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "made", "by it")
	path := filepath.Join(folder, "web.log")
	w, err := NewFiles(noProblem(t)).Open(path, "web", FileSettings{MaxSize: 20, Keep: 2})
	require.NoError(t, err)
	for i := range 9 {
		w.Print(whole(fmt.Sprintf("line %d", i))) // seven bytes each: two fit
	}
	w.Print(whole("a line that is longer than a file may be"))
	w.Print(whole("after it"))
	require.NoError(t, w.Close())
	require.Equal(t, map[string]string{
		"web.log": "after it\n", "web.log.1": "a line that is longer than a file may be\n", "web.log.2": "line 8\n",
	}, files(t, folder))
}

func TestNoOldFilesAreKept(t *testing.T) {
	folder := t.TempDir()
	w, err := NewFiles(noProblem(t)).Open(filepath.Join(folder, "web.log"), "web", FileSettings{MaxSize: 10, Keep: -1})
	require.NoError(t, err)
	for i := range 3 {
		w.Print(whole(fmt.Sprintf("line %d", i)))
	}
	require.NoError(t, w.Close())
	require.Equal(t, map[string]string{"web.log": "line 2\n"}, files(t, folder))
}

// A file that there is already grows on: what is in it counts for its size.
func TestLogFilesGrowOn(t *testing.T) {
	folder := t.TempDir()
	for i := range 3 {
		w, err := NewFiles(noProblem(t)).Open(filepath.Join(folder, "web.log"), "web", FileSettings{MaxSize: 15})
		require.NoError(t, err)
		w.Print(whole(fmt.Sprintf("line %d", i)))
		require.NoError(t, w.Close())
	}
	require.Equal(t, map[string]string{"web.log": "line 2\n", "web.log.1": "line 0\nline 1\n"}, files(t, folder))
}

// All files can be kept: what it takes to begin a new one depends on how many there are, not on how many there may be.
func TestAllLogFilesAreKept(t *testing.T) {
	folder := t.TempDir()
	w, err := NewFiles(noProblem(t)).Open(filepath.Join(folder, "web.log"), "web", FileSettings{MaxSize: 1, Keep: math.MaxInt})
	require.NoError(t, err)
	for i := range 4 {
		w.Print(whole(fmt.Sprint(i)))
	}
	require.NoError(t, w.Close())
	require.Equal(t, map[string]string{"web.log": "3\n", "web.log.1": "2\n", "web.log.2": "1\n", "web.log.3": "0\n"}, files(t, folder))
}

// What logrotate has renamed is begun anew.
func TestARenamedLogFileIsBegunAnew(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "web.log")
	w, err := NewFiles(noProblem(t)).Open(path, "web", FileSettings{})
	require.NoError(t, err)
	began := time.Now()
	w.Print(process.Line{Time: began, Text: "one"})
	require.NoError(t, os.Rename(path, path+".old"))
	w.Print(process.Line{Time: began.Add(2 * tryAgainAfter), Text: "two"})
	require.NoError(t, w.Close())
	require.Equal(t, map[string]string{"web.log": "two\n", "web.log.old": "one\n"}, files(t, folder))
}

// Tasks may share a file. Then lines have names.
func TestASharedLogFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "all.log")
	logs := NewFiles(noProblem(t))
	web, err := logs.Open(path, "web", FileSettings{})
	require.NoError(t, err)
	web.Print(whole("alone"))
	mail, err := logs.Open(path, "mail", FileSettings{})
	require.NoError(t, err)
	web.Print(whole("one"))
	mail.Print(whole("two"))
	require.NoError(t, web.Close())
	mail.Print(whole("three"))
	require.NoError(t, mail.Close())
	require.Equal(t, map[string]string{"all.log": "alone\nweb | one\nmail | two\nthree\n"}, files(t, folder))
	require.Empty(t, logs.open)
}

// Log files have neither colours nor what would harm a terminal that they are shown on.
func TestLogFilesArePlain(t *testing.T) {
	folder := t.TempDir()
	logs := NewFiles(noProblem(t))
	w, err := logs.Open(filepath.Join(folder, "web.log"), "web", FileSettings{})
	require.NoError(t, err)
	w.Print(whole("\x1b[31mred\x1b[2J"))
	require.NoError(t, w.Close())
	w, err = logs.Open(filepath.Join(folder, "web.json"), "web", FileSettings{JSON: true})
	require.NoError(t, err)
	w.Print(process.Line{Time: time.Unix(0, 0), Run: 2, Text: "\x1b[31mred", Continues: true, Partial: true})
	require.NoError(t, w.Close())
	require.Equal(t, map[string]string{
		"web.log":  "red\n",
		"web.json": `{"time":"1970-01-01T00:00:00Z","task":"web","run":2,"stream":"stdout","text":"red","partial":true,"continues":true}` + "\n",
	}, files(t, folder))
}

// A file that cannot be written to is tried again, and what is lost is told: once when it begins, and once when it is over.
func TestALogFileThatCannotBeWrittenTo(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "sub", "web.log")
	var problems []string
	w, err := NewFiles(func(text string) { problems = append(problems, text) }).Open(path, "web", FileSettings{})
	require.NoError(t, err)
	at := time.Now()
	print := func(text string, after time.Duration) {
		at = at.Add(after)
		w.Print(process.Line{Time: at, Text: text})
	}
	print("one", 0)
	require.NoError(t, os.RemoveAll(filepath.Dir(path)))
	require.NoError(t, os.WriteFile(filepath.Dir(path), nil, 0o644)) // a file in place of the folder
	for range 10 {
		print("lost", 2*tryAgainAfter)
		print("lost", time.Millisecond)
	}
	require.Len(t, problems, 1)
	require.Contains(t, problems[0], "lines are lost: ")
	require.Contains(t, problems[0], "not a directory")
	require.NoError(t, os.Remove(filepath.Dir(path)))
	print("two", 2*tryAgainAfter)
	require.Equal(t, []string{path + " can be written to again: 20 lines lost"}, problems[1:])
	require.NoError(t, w.Close())
	require.Equal(t, map[string]string{"web.log": "two\n"}, files(t, filepath.Dir(path)))
}

func TestAFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /dev/full")
	}
	var problems []string
	w, err := NewFiles(func(text string) { problems = append(problems, text) }).Open("/dev/full", "web", FileSettings{})
	require.NoError(t, err)
	w.Print(whole("lost"))
	require.NoError(t, w.Close())
	require.Len(t, problems, 1)
	require.Contains(t, problems[0], "no space left on device")
}

func TestALogFileThatCannotBeOpened(t *testing.T) {
	_, err := NewFiles(noProblem(t)).Open(t.TempDir(), "web", FileSettings{})
	require.Error(t, err)
	require.Contains(t, err.Error(), "is a directory")
}

func TestLogPaths(t *testing.T) {
	require.Equal(t, "all.log", LogPath("all.log", "workers/mail"))
	require.Equal(t, "logs/workers.mail.log", LogPath("logs/", "workers/mail"))
	require.Equal(t, "logs/...log", LogPath("logs/", "..")) // in the folder, whatever the name
	require.False(t, strings.Contains(LogPath("logs/", "../../etc/passwd"), "../"))
}
