package prep_test

import (
	"fmt"
	"testing"

	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/wire"
)

// Judging, noting and forgetting one write while a thousand others are outstanding.
func BenchmarkPrepare(b *testing.B) {
	d := newDesk(prep.Config{})
	for i := range 1000 {
		d.ask(wire.Request{Op: wire.OpCreate, Path: wire.Path(fmt.Sprintf("/n%d", i))})
	}
	for name, req := range map[string]wire.Request{
		"setData": {Op: wire.OpSetData, Path: "/n500", Data: make([]byte, 100), Version: -1},
		"create":  {Op: wire.OpCreate, Path: "/n500/s", Flags: wire.FlagSequential, ACL: open},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				d.ask(req)
				if d.last > 2000 {
					d.view.Forget(d.last - 1000)
				}
			}
		})
	}
}
