package testport

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
)

// first and count are below the ports that systems give to whoever connects: one that is
// free at first would otherwise be taken, now and then, by a client of the same test.
const first, count = 15000, 15000

// taken is how many this process has tried. Others begin elsewhere.
var taken atomic.Int64

// Free returns n ports on loopback that nobody listens on, each once.
func Free(n int) ([]int, error) {
	var ports []int
	for range count {
		if len(ports) == n {
			return ports, nil
		}
		port := first + int((int64(os.Getpid())*97+taken.Add(1))%count)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			ports = append(ports, port)
			l.Close()
		}
	}
	return nil, errors.New("testport: no port is free")
}
