package screen

import (
	"fmt"
	"io"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A task has the same colour each time, whatever other tasks there are, unless one of them has it already.
func TestColoursAreStable(t *testing.T) {
	for _, colours := range []Colours{SixteenColours, ManyColours} {
		alone := newPalette(colours).pick("redis")
		among := newPalette(colours)
		require.Equal(t, alone, among.pick("redis"))
		seen := map[pen]int{alone: 1}
		for i := range 2*len(among.tints) - 1 {
			seen[among.pick(fmt.Sprint("task-", i))]++
		}
		require.Len(t, seen, len(among.tints))
		for picked, n := range seen {
			require.Equal(t, 2, n, "%v", picked)
		}
	}
	require.Equal(t, pen{}, newPalette(NoColours).pick("redis"))
}

// Each of the many colours can be read on black and on white: 3 to 1 is what WCAG asks of large text and signs.
func TestColoursCanBeRead(t *testing.T) {
	levels := []float64{0, 95, 135, 175, 215, 255}
	linear := func(v float64) float64 {
		if v /= 255; v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	seen := map[uint8]bool{}
	for _, n := range manyTints {
		require.GreaterOrEqual(t, n, uint8(16))
		require.Less(t, n, uint8(232))
		require.False(t, seen[n])
		seen[n] = true
		i := int(n) - 16
		luminance := 0.2126*linear(levels[i/36]) + 0.7152*linear(levels[i/6%6]) + 0.0722*linear(levels[i%6])
		require.GreaterOrEqual(t, (luminance+0.05)/0.05, 3.0, "%d on black", n)
		require.GreaterOrEqual(t, 1.05/(luminance+0.05), 3.0, "%d on white", n)
	}
}

func TestWhichColours(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, null.Close()) }()
	for _, test := range []struct {
		out     io.Writer
		environ []string
		when    string
		colours Colours
	}{
		{null, []string{"TERM=xterm-256color"}, "auto", NoColours},
		{io.Discard, []string{"TERM=xterm-256color"}, "auto", NoColours},
		{null, []string{"TERM=xterm-256color"}, "always", ManyColours},
		{null, []string{"TERM=xterm", "COLORTERM=truecolor"}, "always", ManyColours},
		{null, []string{"TERM=xterm", "NO_COLOR=1"}, "always", SixteenColours},
		{null, nil, "always", SixteenColours},
		{null, []string{"TERM=xterm-256color"}, "never", NoColours},
	} {
		colours, err := ColoursFor(test.out, test.environ, test.when)
		require.NoError(t, err)
		require.Equal(t, test.colours, colours, "%v", test)
	}
	_, err = ColoursFor(null, nil, "sometimes")
	require.EqualError(t, err, `it must be "auto", "always" or "never"`)
}
