package main_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDoctorFindsExactScenariosWell(t *testing.T) {
	r := zoobreak(t, "doctor", "--seeds", "1..3")
	require.Zero(t, r.code, r.err)
	require.Equal(t, []string{
		"servers: 3 seeds, each run in separate processes on one processor and on two: 0 mismatches (exact)",
		"servers-calm: 3 seeds, each run in separate processes on one processor and on two: 0 mismatches (exact)",
		"observers: 3 seeds, each run in separate processes on one processor and on two: 0 mismatches (exact)",
		"wire: 3 seeds, each run in separate processes on one processor and on two: 0 mismatches (exact)",
		"wire-calm: 3 seeds, each run in separate processes on one processor and on two: 0 mismatches (exact)",
		"register: 3 seeds, each run in separate processes on one processor and on two: 0 mismatches (exact)",
	}, strings.Split(strings.TrimSpace(r.out), "\n"))
}

func TestDoctorAsJSON(t *testing.T) {
	r := zoobreak(t, "doctor", "register", "--seeds", "5..6", "--json")
	require.Zero(t, r.code, r.err)
	var line map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.out), &line))
	require.Equal(t, map[string]any{"type": "doctor", "scenario": "register", "exact": true, "runs": 2.0, "mismatches": 0.0, "ways": []any{"on one processor", "on two"}}, line)
}
