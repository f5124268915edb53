//go:build linux

package leash

import (
	"context"
	"os/exec"
	"syscall"
	"testing"
)

// What it costs to start a process, stop it and know that nothing is left of it; beside it os/exec, which does not know that.
func BenchmarkStartAndStop(b *testing.B) {
	b.Run("os-exec", func(b *testing.B) {
		for b.Loop() {
			cmd := exec.Command("/bin/sleep", "60")
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait()
		}
	})
	for name, cgroup := range map[string]bool{"group": false, "cgroup": true} {
		b.Run(name, func(b *testing.B) {
			l, err := New(Config{Name: "bench", Cgroup: cgroup})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			for b.Loop() {
				g, err := l.Start(Spec{Path: "/bin/sleep", Args: []string{"sleep", "60"}})
				if err != nil {
					b.Fatal(err)
				}
				_ = g.Signal(syscall.SIGTERM)
				if err := g.Empty(context.Background()); err != nil {
					b.Fatal(err)
				}
				if _, err := g.Reap(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
