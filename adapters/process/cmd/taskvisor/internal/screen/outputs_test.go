package screen

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutputs(t *testing.T) {
	folder := t.TempDir()
	out := new(output)
	printer := NewPrinter(out, Settings{})
	o := NewOutputs(printer)
	lines, err := o.Lines("workers/mail", TaskOutput{Log: folder + "/"})
	require.NoError(t, err)
	lines(whole("one"))
	_, err = o.Lines("workers/mail", TaskOutput{Hidden: true, Log: filepath.Join(folder, "all.log")})
	require.NoError(t, err)
	lines(whole("two"))
	_, err = o.Lines("workers/mail", TaskOutput{Log: folder + "/sub/x/"})
	require.NoError(t, err)
	lines(whole("three"))
	require.Equal(t, []string{"workers/mail: one", "workers/mail: two", "workers/mail: three"}, texts(o.Hub.Tail(10)))

	require.NoError(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o644))
	_, err = o.Lines("workers/mail", TaskOutput{Log: folder + "/file/"})
	require.Error(t, err)
	lines(whole("four"))
	o.Close()
	lines(whole("five"))
	o.Keep([]string{"workers/mail", "web"})
	require.Equal(t, []string{"workers/mail"}, o.Hub.Tasks())
	o.Keep([]string{"web"})
	require.Empty(t, o.Hub.Tail(10))
	require.Empty(t, o.files.open)
	closed(t, printer)
	require.Equal(t, "workers/mail | one\nworkers/mail | three\nworkers/mail | four\n", out.String())
	text, err := os.ReadFile(filepath.Join(folder, "sub", "x", "workers.mail.log"))
	require.NoError(t, err)
	require.Equal(t, "three\nfour\n", string(text))
	require.NoError(t, os.RemoveAll(filepath.Join(folder, "sub")))
	require.Equal(t, map[string]string{"workers.mail.log": "one\n", "all.log": "two\n", "file": ""}, files(t, folder))
}

// A task whose output is set anew keeps its colour.
func TestASourceIsKept(t *testing.T) {
	p := NewPrinter(new(output), Settings{Colours: SixteenColours})
	redis := p.Source("redis", true)
	require.Same(t, redis, p.Source("redis", false))
	require.False(t, redis.block)
	closed(t, p)
}
