package testport_test

import (
	"fmt"
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/testport"
)

func TestFree(t *testing.T) {
	ports, err := testport.Free(50)
	require.NoError(t, err)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(ports))), 50, "each once")
	for _, p := range ports {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p))
		require.NoError(t, err)
		l.Close()
	}
}
