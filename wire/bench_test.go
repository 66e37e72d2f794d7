package wire_test

import (
	"testing"

	"github.com/zoobreak/zoobreak/wire"
)

// kilobyte is what a busy client writes.
var kilobyte = make([]byte, 1024)

var benchRequests = []struct {
	name string
	r    wire.Request
}{
	{"ping", wire.Request{Xid: wire.XidPing, Op: wire.OpPing}},
	{"getData", wire.Request{Xid: 1, Op: wire.OpGetData, Path: "/service/lock/member-0000000042", Watch: true}},
	{"setData-1KiB", wire.Request{Xid: 1, Op: wire.OpSetData, Path: "/service/lock/member-0000000042", Data: kilobyte, Version: -1}},
	{"create", wire.Request{Xid: 1, Op: wire.OpCreate, Path: "/service/lock/member-", Data: []byte("host:1"), ACL: wire.WorldACL(wire.PermAll), Flags: 3}},
	{"multi-3", wire.Request{Xid: 1, Op: wire.OpMulti, Ops: []wire.Op{
		{Type: wire.OpCheck, Path: "/service/lock", Version: 3},
		{Type: wire.OpSetData, Path: "/service/lock", Data: []byte("host:1"), Version: 3},
		{Type: wire.OpCreate, Path: "/service/lock/m", Data: []byte("host:1"), ACL: wire.WorldACL(wire.PermAll)},
	}}},
}

// Encoding into a buffer that is used again.
func BenchmarkEncodeRequest(b *testing.B) {
	for _, c := range benchRequests {
		b.Run(c.name, func(b *testing.B) {
			var e wire.Encoder
			b.ReportAllocs()
			for b.Loop() {
				e.Buf = e.Buf[:0]
				mark := e.Begin()
				c.r.Encode(&e)
				e.End(mark)
			}
			b.SetBytes(int64(len(e.Buf)))
		})
	}
}

// Decoding in place: what a server does with each frame.
func BenchmarkDecodeRequest(b *testing.B) {
	for _, c := range benchRequests {
		b.Run(c.name, func(b *testing.B) {
			frame := encoded(c.r.Encode)
			var r wire.Request
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				if err := r.Decode(frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

var benchReplies = []struct {
	name string
	op   wire.OpCode
	r    wire.Reply
}{
	{"ping", wire.OpPing, wire.Reply{Xid: wire.XidPing, Zxid: 7}},
	{"setData", wire.OpSetData, wire.Reply{Xid: 1, Zxid: 7}},
	{"getData-1KiB", wire.OpGetData, wire.Reply{Xid: 1, Zxid: 7, Data: kilobyte}},
	{"getChildren-100", wire.OpGetChildren, wire.Reply{Xid: 1, Zxid: 7, Children: hundred()}},
}

func hundred() (names []string) {
	for i := range int32(100) {
		names = append(names, string(wire.Path("member-").Sequential(i)))
	}
	return names
}

func BenchmarkEncodeReply(b *testing.B) {
	for _, c := range benchReplies {
		b.Run(c.name, func(b *testing.B) {
			var e wire.Encoder
			b.ReportAllocs()
			for b.Loop() {
				e.Buf = e.Buf[:0]
				mark := e.Begin()
				c.r.Encode(&e, c.op)
				e.End(mark)
			}
			b.SetBytes(int64(len(e.Buf)))
		})
	}
}

func BenchmarkDecodeReply(b *testing.B) {
	for _, c := range benchReplies {
		b.Run(c.name, func(b *testing.B) {
			frame := encoded(func(e *wire.Encoder) { c.r.Encode(e, c.op) })
			var r wire.Reply
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				if err := r.Decode(frame, c.op); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A stream of small frames in segments of four kilobytes.
func BenchmarkFramer(b *testing.B) {
	var e wire.Encoder
	for len(e.Buf) < 4096 {
		mark := e.Begin()
		benchRequests[1].r.Encode(&e)
		e.End(mark)
	}
	segment := e.Buf[:4096]
	tail := e.Buf[4096:]
	var f wire.Framer
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Buf)))
	for b.Loop() {
		f.Feed(segment)
		for ok := true; ok; {
			_, ok, _ = f.Next()
		}
		f.Feed(tail)
		for ok := true; ok; {
			_, ok, _ = f.Next()
		}
	}
}

func BenchmarkPathValidate(b *testing.B) {
	p := wire.Path("/service/lock/member-0000000042")
	b.ReportAllocs()
	for b.Loop() {
		if !p.Valid() {
			b.Fatal(p)
		}
	}
}
