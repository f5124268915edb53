package screen

import (
	"fmt"
	"io"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// What a line costs: plain, with colours that are kept, and with letters beyond ASCII.
func BenchmarkPrint(b *testing.B) {
	for _, text := range []string{
		"GET /cart 200 3 ms 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef",
		"\x1b[32mGET\x1b[0m /cart \x1b[1m200\x1b[0m 3 ms 0123456789abcdef 0123456789abcdef 0123456789abcdef",
		"GET /Übergröße 200 3 ms 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789a",
	} {
		b.Run(fmt.Sprintf("%.12q", text), func(b *testing.B) {
			p := NewPrinter(io.Discard, Settings{Colours: ManyColours})
			s := p.Source("web", true)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s.Print(process.Line{Text: text})
			}
			_ = p.Close(b.Context())
		})
	}
}
