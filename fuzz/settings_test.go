package fuzz

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
)

// What no bytes decode to, the fuzzer cannot try.
func TestEverySettingIsDecoded(t *testing.T) {
	configs := settings.NewDraws(core.Config{})
	limits := settings.NewDraws(core.Limits{})
	policies := settings.NewDraws(core.DefaultPolicy())
	random := rand.NewChaCha8([32]byte{})
	data := make([]byte, 400)
	for range 500 {
		_, _ = random.Read(data)
		reader := NewReader(data)
		config := reader.Config()
		configs.Note(config)
		for _, policy := range config.Policies {
			policies.Note(policy)
		}
		for _, l := range reader.Limits() {
			limits.Note(l)
		}
	}
	require.Empty(t, configs.Missing(), "Reader.Config never decodes these fields of core.Config")
	require.Empty(t, limits.Missing(), "Reader.Limits never decodes these fields of core.Limits")
	require.Empty(t, policies.Missing(), "Reader.Policy never decodes these fields of core.Policy")
}
