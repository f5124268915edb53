package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/internal/look"
)

//go:embed assets
var assets embed.FS

// templates returns the page's templates. They are parsed once, when they are needed first.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"asset":    func(name string) string { return name + "?v=" + assetOf(name).version },
		"left":     func(at, now int64, moving bool) template.HTML { return counting("until", at, at-now, moving) },
		"age":      func(at, now int64, moving bool) template.HTML { return counting("since", at, now-at, moving) },
		"line":     func(r row, now int64, moving bool) line { return line{r, now, moving} },
		"order":    func(a act, path string) order { return order{a, path} },
		"shown":    shown,
		"patterns": sync.OnceValue(patterns),
		"looks":    look.All,
		"swatch":   swatch,
	}).ParseFS(assets, "assets/*.html"))
})

// render writes a page.
func (p *Page) render(w http.ResponseWriter, r *http.Request, name string, status int, data any) {
	var out bytes.Buffer
	if err := templates().ExecuteTemplate(&out, name, data); err != nil {
		fail(w, r, http.StatusInternalServerError, "The page cannot be shown: "+shown(err.Error()))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(out.Bytes())
	}
}

// part renders one part of a page.
func part(name string, data any) (string, error) {
	var out strings.Builder
	err := templates().ExecuteTemplate(&out, name, data)
	return out.String(), err
}

// line is a row as its template takes it.
type line struct {
	Row    row
	Now    int64
	Moving bool
}

// asset is a file that the page loads.
type asset struct {
	content []byte
	kind    string
	version string // changes with the content
}

// assetOf returns what the page loads under a name; nil if that is nothing.
func assetOf(name string) *asset { return allAssets()[name] }

var allAssets = sync.OnceValue(func() map[string]*asset {
	all := make(map[string]*asset)
	for _, file := range []struct{ name, kind string }{
		{"page.css", "text/css; charset=utf-8"},
		{"page.js", "text/javascript; charset=utf-8"},
		{"good.svg", "image/svg+xml"},
		{"bad.svg", "image/svg+xml"},
		{"idle.svg", "image/svg+xml"},
	} {
		content, err := assets.ReadFile("assets/" + file.name)
		if err != nil {
			panic(err) // it is embedded
		}
		if file.name == "page.css" {
			content = append(content, looksCSS()...)
		}
		sum := sha256.Sum256(content)
		all[file.name] = &asset{content, file.kind, hex.EncodeToString(sum[:6])}
	}
	return all
})

// serveAsset serves a file that the page loads, or reports that there is none of that name.
func serveAsset(w http.ResponseWriter, r *http.Request, name string) bool {
	found := assetOf(name)
	if found == nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", found.kind)
	h.Set("ETag", `"`+found.version+`"`)
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == found.version {
		h.Set("Cache-Control", "max-age=31536000, immutable")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(found.content))
	return true
}

// looksCSS gives each look its colours, light and dark.
func looksCSS() []byte {
	var out bytes.Buffer
	rules := func(shades func(*look.Look) look.Shades) {
		for _, one := range look.All() {
			s := shades(one)
			fmt.Fprintf(&out, ".g%s { fill: %s; } .i%s { fill: %s; stroke: %s; } .pill%s { background: %s; color: %s; border-color: %s; }\n",
				one.Letter, s.Ground, one.Letter, s.Ink, s.Ink, one.Letter, s.Ground, s.Ink, s.Ink)
		}
	}
	rules(func(l *look.Look) look.Shades { return l.Light })
	out.WriteString("@media (prefers-color-scheme: dark) {\n")
	rules(func(l *look.Look) look.Shades { return l.Dark })
	out.WriteString("}\n")
	return out.Bytes()
}

// swatch draws a look for the legend.
func swatch(one *look.Look) template.HTML {
	ink := ""
	if one.HasPattern() {
		ink = fmt.Sprintf(`<rect width="24" height="14" fill="url(#p%s0)" class="ink"/>`, one.Letter)
	}
	return template.HTML(fmt.Sprintf(`<svg class="swatch" width="24" height="14" aria-hidden="true"><rect width="24" height="14" class="g%s"/>%s</svg>`, one.Letter, ink))
}

// counting writes a length of time that ends or began at an instant, in milliseconds since 1970. What a script moves is written as
// that instant, and so stays as it is.
func counting(what string, at, length int64, moving bool) template.HTML {
	date := time.UnixMilli(at)
	text := duration(time.Duration(length) * time.Millisecond)
	if moving {
		text = date.Format(time.TimeOnly)
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s" data-%s="%d">%s</time>`, date.UTC().Format("2006-01-02T15:04:05.000Z"), what, at, text))
}
