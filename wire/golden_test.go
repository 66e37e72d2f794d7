package wire_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// The bytes below were exchanged with Apache ZooKeeper 3.8, without the length of the
// frame. They are independent of the encoder: a field that encoder and decoder both get
// wrong survives every round trip, and fails here. What differs from run to run has the
// values below in their place.
const (
	sampleTime    = 0x18bcfe56800                   // milliseconds
	sampleSession = wire.SessionID(0x1000a1b2c3d01) // of the client that owns /veph
)

// zxid is the n-th transaction of the recorded server's epoch 1.
func zxid(n uint32) wire.Zxid { return wire.MakeZxid(1, n) }

type goldenRequest struct {
	name, hex string
	want      wire.Request
}

var goldenRequests = []goldenRequest{
	{"ping", `fffffffe 0000000b`, wire.Request{Xid: wire.XidPing, Op: wire.OpPing}},
	{"closeSession", `00000001 fffffff5`, wire.Request{Xid: 1, Op: wire.OpCloseSession}},
	{"exists", `00000001 00000003 00000005 2f76657068 00`, wire.Request{Xid: 1, Op: wire.OpExists, Path: "/veph"}},
	{"getData", `0000001c 00000004 00000002 2f61 00`, wire.Request{Xid: 0x1c, Op: wire.OpGetData, Path: "/a"}},
	{"getChildren", `00000026 00000008 00000002 2f61 00`, wire.Request{Xid: 0x26, Op: wire.OpGetChildren, Path: "/a"}},
	{"getChildren2", `00000027 0000000c 00000002 2f61 00`, wire.Request{Xid: 0x27, Op: wire.OpGetChildren2, Path: "/a"}},
	{"getACL", `00000006 00000006 00000001 2f`, wire.Request{Xid: 6, Op: wire.OpGetACL, Path: "/"}},
	{"sync", `00000039 00000009 00000002 2f61`, wire.Request{Xid: 0x39, Op: wire.OpSync, Path: "/a"}},
	{"create ephemeral",
		`00000001 00000001 00000005 2f76657068 00000004 64617461 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000001`,
		wire.Request{Xid: 1, Op: wire.OpCreate, Path: "/veph", Data: []byte("data"), ACL: wire.WorldACL(wire.PermAll), Flags: wire.FlagEphemeral}},
	{"create with null data",
		`00000011 00000001 00000004 2f6e696c ffffffff 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000000`,
		wire.Request{Xid: 0x11, Op: wire.OpCreate, Path: "/nil", ACL: wire.WorldACL(wire.PermAll)}},
	{"create2 with empty data",
		`0000000f 0000000f 00000002 2f62 00000000 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000000`,
		wire.Request{Xid: 0xf, Op: wire.OpCreate2, Path: "/b", Data: []byte{}, ACL: wire.WorldACL(wire.PermAll)}},
	{"setData of a version", `0000001f 00000005 00000002 2f61 00000003 74776f 00000001`,
		wire.Request{Xid: 0x1f, Op: wire.OpSetData, Path: "/a", Data: []byte("two"), Version: 1}},
	{"delete of any version", `0000002d 00000002 00000002 2f61 ffffffff`,
		wire.Request{Xid: 0x2d, Op: wire.OpDelete, Path: "/a", Version: -1}},
	{"auth", `fffffffc 00000064 00000000 00000006 646967657374 0000000c 616c6963653a736563726574`,
		wire.Request{Xid: wire.XidAuth, Op: wire.OpAuth, Scheme: "digest", Data: []byte("alice:secret")}},
	{"setWatches",
		`fffffff8 00000065 0000000000000000 00000002 00000002 2f77 00000005 2f6e6f6e65 00000002 00000004 2f772f78 00000006 2f6e6f6e6532 00000002 00000002 2f77 00000006 2f6e6f6e6533`,
		wire.Request{Xid: wire.XidSetWatches, Op: wire.OpSetWatches,
			DataWatches: []string{"/w", "/none"}, ExistWatches: []string{"/w/x", "/none2"}, ChildWatches: []string{"/w", "/none3"}}},
	{"setWatches2",
		`fffffff8 00000069 000000010000014a 00000001 00000002 2f77 00000001 00000005 2f676f6e65 00000001 00000002 2f77 00000001 00000002 2f77 00000001 00000002 2f77`,
		wire.Request{Xid: wire.XidSetWatches, Op: wire.OpSetWatches2, RelativeZxid: zxid(330), DataWatches: []string{"/w"}, ExistWatches: []string{"/gone"},
			ChildWatches: []string{"/w"}, PersistentWatches: []string{"/w"}, RecursiveWatches: []string{"/w"}}},
	{"sync of a null path", `00000001 00000009 ffffffff`, wire.Request{Xid: 1, Op: wire.OpSync, Path: wire.NullString}},
	{"setACL", `000000fb 00000007 00000002 2f76 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 ffffffff`,
		wire.Request{Xid: 0xfb, Op: wire.OpSetACL, Path: "/v", ACL: wire.WorldACL(wire.PermAll), Version: -1}},
	{"create with a null ACL", `00000104 00000001 00000008 2f61636c2f6e696c 00000004 64617461 ffffffff 00000000`,
		wire.Request{Xid: 0x104, Op: wire.OpCreate, Path: "/acl/nil", Data: []byte("data")}},
	{"create with an empty ACL", `00000103 00000001 0000000a 2f61636c2f656d707479 00000004 64617461 00000000 00000000`,
		wire.Request{Xid: 0x103, Op: wire.OpCreate, Path: "/acl/empty", Data: []byte("data"), ACL: []wire.ACL{}}},
	{"createContainer",
		`000000c5 00000013 00000005 2f636f6e74 00000004 64617461 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000004`,
		wire.Request{Xid: 0xc5, Op: wire.OpCreateContainer, Path: "/cont", Data: []byte("data"), ACL: wire.WorldACL(wire.PermAll), Flags: wire.FlagContainer}},
	{"createTTL",
		`000000cc 00000015 00000006 2f74746c732d 00000004 64617461 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000006 000000000000ea60`,
		wire.Request{Xid: 0xcc, Op: wire.OpCreateTTL, Path: "/ttls-", Data: []byte("data"), ACL: wire.WorldACL(wire.PermAll), Flags: wire.FlagTTLSequential, TTLMillis: 60000}},
	{"deleteContainer, a path without its length", `00000001 00000014 00000006 2f636f6e7430`, wire.Request{Xid: 1, Op: wire.OpDeleteContainer, Path: "\x00\x00\x00\x06/cont0"}},
	{"check, not in a multi", `00000001 0000000d 00000002 2f61 00000000`, wire.Request{Xid: 1, Op: wire.OpCheck, Path: "/a"}},
	{"multi",
		`00000150 0000000e
			00000001 00 ffffffff 00000004 2f6d2f31 00000004 64617461 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000000
			0000000f 00 ffffffff 00000004 2f6d2f32 00000004 64617461 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000000
			00000005 00 ffffffff 00000004 2f6d2f31 00000001 78 00000000
			0000000d 00 ffffffff 00000004 2f6d2f31 00000001
			00000002 00 ffffffff 00000004 2f6d2f32 00000000
			ffffffff 01 ffffffff`,
		wire.Request{Xid: 0x150, Op: wire.OpMulti, Ops: []wire.Op{
			{Type: wire.OpCreate, Path: "/m/1", Data: []byte("data"), ACL: wire.WorldACL(wire.PermAll)},
			{Type: wire.OpCreate2, Path: "/m/2", Data: []byte("data"), ACL: wire.WorldACL(wire.PermAll)},
			{Type: wire.OpSetData, Path: "/m/1", Data: []byte("x")},
			{Type: wire.OpCheck, Path: "/m/1", Version: 1},
			{Type: wire.OpDelete, Path: "/m/2"},
		}}},
	{"multi of nothing", `0000014f 0000000e ffffffff 01 ffffffff`, wire.Request{Xid: 0x14f, Op: wire.OpMulti, Ops: []wire.Op{}}},
	{"multi of a container and a TTL node",
		`0000015e 0000000e
			00000013 00 ffffffff 00000007 2f6d2f636f6e74 00000004 64617461 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000004
			00000015 00 ffffffff 00000006 2f6d2f74746c 00000004 64617461 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000005 000000000000ea60
			ffffffff 01 ffffffff`,
		wire.Request{Xid: 0x15e, Op: wire.OpMulti, Ops: []wire.Op{
			{Type: wire.OpCreateContainer, Path: "/m/cont", Data: []byte("data"), ACL: wire.WorldACL(wire.PermAll), Flags: wire.FlagContainer},
			{Type: wire.OpCreateTTL, Path: "/m/ttl", Data: []byte("data"), ACL: wire.WorldACL(wire.PermAll), Flags: wire.FlagTTL, TTLMillis: 60000},
		}}},
	{"multiRead",
		`00000168 00000016
			00000004 00 ffffffff 00000005 2f6e6f6e65 00
			00000004 00 ffffffff 00000004 2f6d2f31 00
			00000008 00 ffffffff 00000005 2f6e6f6e65 00
			ffffffff 01 ffffffff`,
		wire.Request{Xid: 0x168, Op: wire.OpMultiRead, Ops: []wire.Op{
			{Type: wire.OpGetData, Path: "/none"}, {Type: wire.OpGetData, Path: "/m/1"}, {Type: wire.OpGetChildren, Path: "/none"}}}},
	{"reconfig that asks for nothing", `000001cd 00000010 ffffffff ffffffff ffffffff ffffffffffffffff`,
		wire.Request{Xid: 0x1cd, Op: wire.OpReconfig, Reconfig: &wire.Reconfig{Joining: wire.NullString, Leaving: wire.NullString, NewMembers: wire.NullString, Config: -1}}},
	{"reconfig", `000001ce 00000010 00000018 7365727665722e393d3132372e302e302e313a313a323b33 ffffffff ffffffff ffffffffffffffff`,
		wire.Request{Xid: 0x1ce, Op: wire.OpReconfig,
			Reconfig: &wire.Reconfig{Joining: "server.9=127.0.0.1:1:2;3", Leaving: wire.NullString, NewMembers: wire.NullString, Config: -1}}},
	{"sasl", `00000001 00000066 00000007 67617262616765`, wire.Request{Xid: 1, Op: wire.OpSASL, Data: []byte("garbage")}},
	{"getEphemerals", `000000e9 00000067 00000005 2f65706832`, wire.Request{Xid: 0xe9, Op: wire.OpGetEphemerals, Path: "/eph2"}},
	{"getAllChildrenNumber", `0000000a 00000068 00000001 2f`, wire.Request{Xid: 0xa, Op: wire.OpGetAllChildrenNumber, Path: "/"}},
	{"addWatch", `00000005 0000006a 00000002 2f70 00000001`, wire.Request{Xid: 5, Op: wire.OpAddWatch, Path: "/p", Mode: wire.AddPersistentRecursive}},
	{"checkWatches", `00000002 00000011 00000002 2f70 00000003`, wire.Request{Xid: 2, Op: wire.OpCheckWatches, Path: "/p", WatcherType: wire.WatcherAny}},
	{"removeWatches", `00000003 00000012 00000002 2f70 00000003`, wire.Request{Xid: 3, Op: wire.OpRemoveWatches, Path: "/p", WatcherType: wire.WatcherAny}},
	{"whoAmI", `0000000b 0000006b`, wire.Request{Xid: 0xb, Op: wire.OpWhoAmI}},
}

func bytesOf(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	require.NoError(t, err)
	return b
}

func TestGoldenRequests(t *testing.T) {
	for _, g := range goldenRequests {
		t.Run(g.name, func(t *testing.T) {
			got, err := wire.DecodeRequest(bytesOf(t, g.hex))
			require.NoError(t, err)
			require.Equal(t, g.want, got)
			require.Equal(t, bytesOf(t, g.hex), encoded(g.want.Encode))
		})
	}
}

type goldenReply struct {
	name, hex string
	op        wire.OpCode
	want      wire.Reply
}

var goldenReplies = []goldenReply{
	{"ping", `fffffffe 0000000100000000 00000000`, wire.OpPing, wire.Reply{Xid: wire.XidPing, Zxid: zxid(0)}},
	{"create", `00000001 0000000100000015 00000000 00000005 2f76657068`, wire.OpCreate,
		wire.Reply{Xid: 1, Zxid: zxid(21), Path: "/veph"}},
	{"create of what exists", `0000000e 000000010000001a ffffff92`, wire.OpCreate,
		wire.Reply{Xid: 0xe, Zxid: zxid(26), Err: wire.NodeExists}},
	{"create2", `0000000f 000000010000001b 00000000 00000002 2f62
		000000010000001b 000000010000001b 0000018bcfe56800 0000018bcfe56800 00000000 00000000 00000000 0000000000000000 00000000 00000000 000000010000001b`,
		wire.OpCreate2,
		wire.Reply{Xid: 0xf, Zxid: zxid(27), Path: "/b",
			Stat: wire.Stat{Czxid: zxid(27), Mzxid: zxid(27), Ctime: sampleTime, Mtime: sampleTime, Pzxid: zxid(27)}}},
	{"exists of an ephemeral", `00000001 0000000100000015 00000000
		0000000100000015 0000000100000015 0000018bcfe56800 0000018bcfe56800 00000000 00000000 00000000 0001000a1b2c3d01 00000004 00000000 0000000100000015`,
		wire.OpExists,
		wire.Reply{Xid: 1, Zxid: zxid(21),
			Stat: wire.Stat{Czxid: zxid(21), Mzxid: zxid(21), Ctime: sampleTime, Mtime: sampleTime, EphemeralOwner: sampleSession, DataLength: 4, Pzxid: zxid(21)}}},
	{"exists of nothing", `0000001b 0000000100000022 ffffff9b`, wire.OpExists,
		wire.Reply{Xid: 0x1b, Zxid: zxid(34), Err: wire.NoNode}},
	{"exists of the root", `00000001 0000000100000008 00000000
		0000000000000000 0000000000000000 0000000000000000 0000000000000000 00000000 ffffffff 00000000 0000000000000000 00000000 00000001 0000000000000000`,
		wire.OpExists,
		wire.Reply{Xid: 1, Zxid: zxid(8), Stat: wire.Stat{Cversion: -1, NumChildren: 1}}},
	{"getData", `0000001c 0000000100000022 00000000 00000004 64617461
		0000000100000019 0000000100000019 0000018bcfe56800 0000018bcfe56800 00000000 00000002 00000000 0000000000000000 00000004 00000002 0000000100000021`,
		wire.OpGetData,
		wire.Reply{Xid: 0x1c, Zxid: zxid(34), Data: []byte("data"),
			Stat: wire.Stat{Czxid: zxid(25), Mzxid: zxid(25), Ctime: sampleTime, Mtime: sampleTime, Cversion: 2, DataLength: 4, NumChildren: 2, Pzxid: zxid(33)}}},
	{"setData", `0000001f 0000000100000024 00000000
		0000000100000019 0000000100000024 0000018bcfe56800 0000018bcfe56800 00000002 00000002 00000000 0000000000000000 00000003 00000002 0000000100000021`,
		wire.OpSetData,
		wire.Reply{Xid: 0x1f, Zxid: zxid(36),
			Stat: wire.Stat{Czxid: zxid(25), Mzxid: zxid(36), Ctime: sampleTime, Mtime: sampleTime, Version: 2, Cversion: 2, DataLength: 3, NumChildren: 2, Pzxid: zxid(33)}}},
	{"getData of a root that was never made, only written", `00000035 0000000100000030 00000000 00000004 726f6f74
		0000000000000000 0000000100000030 0000000000000000 0000018bcfe56800 00000001 00000004 00000000 0000000000000000 00000004 00000004 000000010000001d`,
		wire.OpGetData,
		wire.Reply{Xid: 0x35, Zxid: zxid(48), Data: []byte("root"),
			Stat: wire.Stat{Mzxid: zxid(48), Mtime: sampleTime, Version: 1, Cversion: 4, DataLength: 4, NumChildren: 4, Pzxid: zxid(29)}}},
	{"getACL after setACL", `00000006 00000001000000e1 00000000 00000002 0000001f 00000006 646967657374 00000007 616c6963653a78 00000001 00000005 776f726c64 00000006 616e796f6e65
		00000001000000e0 00000001000000e0 0000018bcfe56800 0000018bcfe56800 00000000 00000000 00000001 0000000000000000 00000004 00000000 00000001000000e0`,
		wire.OpGetACL,
		wire.Reply{Xid: 6, Zxid: zxid(225),
			ACL:  []wire.ACL{{Perms: wire.PermAll, Scheme: "digest", ID: "alice:x"}, {Perms: 1, Scheme: "world", ID: "anyone"}},
			Stat: wire.Stat{Czxid: zxid(224), Mzxid: zxid(224), Ctime: sampleTime, Mtime: sampleTime, Aversion: 1, DataLength: 4, Pzxid: zxid(224)}}},
	{"setData of a wrong version", `00000020 0000000100000025 ffffff99`, wire.OpSetData,
		wire.Reply{Xid: 0x20, Zxid: zxid(37), Err: wire.BadVersion}},
	{"getChildren", `00000026 0000000100000029 00000000 00000002 00000001 78 00000001 79`, wire.OpGetChildren,
		wire.Reply{Xid: 0x26, Zxid: zxid(41), Children: []string{"x", "y"}}},
	{"getChildren2", `00000004 0000000100000018 00000000 00000001 00000009 7a6f6f6b6565706572
		0000000000000000 0000000000000000 0000000000000000 0000000000000000 00000000 00000001 00000000 0000000000000000 00000000 00000001 0000000100000016`,
		wire.OpGetChildren2,
		wire.Reply{Xid: 4, Zxid: zxid(24), Children: []string{"zookeeper"}, Stat: wire.Stat{Cversion: 1, NumChildren: 1, Pzxid: zxid(22)}}},
	{"getACL", `00000006 0000000100000018 00000000 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65
		0000000000000000 0000000000000000 0000000000000000 0000000000000000 00000000 00000001 00000000 0000000000000000 00000000 00000001 0000000100000016`,
		wire.OpGetACL,
		wire.Reply{Xid: 6, Zxid: zxid(24), ACL: wire.WorldACL(wire.PermAll), Stat: wire.Stat{Cversion: 1, NumChildren: 1, Pzxid: zxid(22)}}},
	{"sync", `00000039 0000000100000033 00000000 00000002 2f61`, wire.OpSync, wire.Reply{Xid: 0x39, Zxid: zxid(51), Path: "/a"}},
	{"delete", `0000002f 000000010000002c 00000000`, wire.OpDelete, wire.Reply{Xid: 0x2f, Zxid: zxid(44)}},
	{"delete of a parent", `0000002d 000000010000002a ffffff91`, wire.OpDelete, wire.Reply{Xid: 0x2d, Zxid: zxid(42), Err: wire.NotEmpty}},
	{"closeSession", `00000001 0000000100000003 00000000`, wire.OpCloseSession, wire.Reply{Xid: 1, Zxid: zxid(3)}},
	{"sync of a null path", `00000001 0000000100000073 00000000 ffffffff`, wire.OpSync, wire.Reply{Xid: 1, Zxid: zxid(115), Path: wire.NullString}},
	{"setACL", `000000fb 00000001000000c2 00000000
		00000001000000bb 00000001000000bd 0000018bcfe56800 0000018bcfe56800 00000002 00000003 00000001 0000000000000000 00000004 00000001 00000001000000c1`,
		wire.OpSetACL,
		wire.Reply{Xid: 0xfb, Zxid: zxid(194),
			Stat: wire.Stat{Czxid: zxid(187), Mzxid: zxid(189), Ctime: sampleTime, Mtime: sampleTime, Version: 2, Cversion: 3, Aversion: 1, DataLength: 4, NumChildren: 1, Pzxid: zxid(193)}}},
	{"createContainer", `000000c5 0000000100000090 00000000 00000005 2f636f6e74
		0000000100000090 0000000100000090 0000018bcfe56800 0000018bcfe56800 00000000 00000000 00000000 0000000000000000 00000004 00000000 0000000100000090`,
		wire.OpCreateContainer, wire.Reply{Xid: 0xc5, Zxid: zxid(144), Path: "/cont", Stat: fresh(144)}},
	{"createTTL", `000000cc 0000000100000094 00000000 00000010 2f74746c732d30303030303030303137
		0000000100000094 0000000100000094 0000018bcfe56800 0000018bcfe56800 00000000 00000000 00000000 0000000000000000 00000004 00000000 0000000100000094`,
		wire.OpCreateTTL, wire.Reply{Xid: 0xcc, Zxid: zxid(148), Path: "/ttls-0000000017", Stat: fresh(148)}},
	{"multi: create2 is answered like create", `00000150 0000000100000112 00000000
		00000001 00 00000000 00000004 2f6d2f31
		00000001 00 00000000 00000004 2f6d2f32
		00000005 00 00000000
		0000000100000112 0000000100000112 0000018bcfe56800 0000018bcfe56800 00000001 00000000 00000000 0000000000000000 00000001 00000000 0000000100000112
		0000000d 00 00000000
		00000002 00 00000000
		ffffffff 01 ffffffff`,
		wire.OpMulti,
		wire.Reply{Xid: 0x150, Zxid: zxid(274), Results: []wire.Result{
			{Type: wire.OpCreate, Path: "/m/1"},
			{Type: wire.OpCreate, Path: "/m/2"},
			{Type: wire.OpSetData, Stat: wire.Stat{Czxid: zxid(274), Mzxid: zxid(274), Ctime: sampleTime, Mtime: sampleTime, Version: 1, DataLength: 1, Pzxid: zxid(274)}},
			{Type: wire.OpCheck},
			{Type: wire.OpDelete},
		}}},
	{"multi that failed", `00000152 0000000100000113 00000000
		ffffffff 00 00000000 00000000
		ffffffff 00 ffffff92 ffffff92
		ffffffff 00 fffffffe fffffffe
		ffffffff 01 ffffffff`,
		wire.OpMulti,
		wire.Reply{Xid: 0x152, Zxid: zxid(275), Results: []wire.Result{
			{Type: wire.OpError}, {Type: wire.OpError, Err: wire.NodeExists}, {Type: wire.OpError, Err: wire.RuntimeInconsistency}}}},
	{"multi of a container and a TTL node", `0000015e 000000010000011e 00000000
		0000000f 00 00000000 00000007 2f6d2f636f6e74
		000000010000011e 000000010000011e 0000018bcfe56800 0000018bcfe56800 00000000 00000000 00000000 0000000000000000 00000004 00000000 000000010000011e
		0000000f 00 00000000 00000006 2f6d2f74746c
		000000010000011e 000000010000011e 0000018bcfe56800 0000018bcfe56800 00000000 00000000 00000000 0000000000000000 00000004 00000000 000000010000011e
		ffffffff 01 ffffffff`,
		wire.OpMulti,
		wire.Reply{Xid: 0x15e, Zxid: zxid(286), Results: []wire.Result{
			{Type: wire.OpCreate2, Path: "/m/cont", Stat: fresh(286)}, {Type: wire.OpCreate2, Path: "/m/ttl", Stat: fresh(286)}}}},
	{"multiRead, where operations fail one by one", `00000168 000000010000012c 00000000
		ffffffff 00 ffffff9b ffffff9b
		00000004 00 00000000 00000004 64617461
		0000000100000112 000000010000011f 0000018bcfe56800 0000018bcfe56800 00000004 00000000 00000000 0000000000000000 00000004 00000000 0000000100000112
		ffffffff 00 ffffff9b ffffff9b
		ffffffff 01 ffffffff`,
		wire.OpMultiRead,
		wire.Reply{Xid: 0x168, Zxid: zxid(300), Results: []wire.Result{
			{Type: wire.OpError, Err: wire.NoNode},
			{Type: wire.OpGetData, Data: []byte("data"),
				Stat: wire.Stat{Czxid: zxid(274), Mzxid: zxid(287), Ctime: sampleTime, Mtime: sampleTime, Version: 4, DataLength: 4, Pzxid: zxid(274)}},
			{Type: wire.OpError, Err: wire.NoNode}}}},
	{"multiRead of a write: an error with a body", `00000001 0000000100000132 fffffffb ffffffff 01 ffffffff`, wire.OpMultiRead,
		wire.Reply{Xid: 1, Zxid: zxid(306), Err: wire.MarshallingError, Results: []wire.Result{}}},
	{"multi of a read", `00000001 0000000100000125 fffffffb`, wire.OpMulti, wire.Reply{Xid: 1, Zxid: zxid(293), Err: wire.MarshallingError}},
	{"reconfig of a server that stands alone", `000001cd 00000001000001a0 fffffffa`, wire.OpReconfig, wire.Reply{Xid: 0x1cd, Zxid: zxid(416), Err: wire.Unimplemented}},
	{"sasl where there is none: no token, and no zxid", `00000001 0000000000000000 00000000 ffffffff`, wire.OpSASL, wire.Reply{Xid: 1}},
	{"auth", `fffffffc 0000000000000000 00000000`, wire.OpAuth, wire.Reply{Xid: wire.XidAuth}},
	{"auth that failed", `fffffffc 0000000000000000 ffffff8d`, wire.OpAuth, wire.Reply{Xid: wire.XidAuth, Err: wire.AuthFailed}},
	{"setWatches2", `fffffff8 000000010000014d 00000000`, wire.OpSetWatches2, wire.Reply{Xid: wire.XidSetWatches, Zxid: zxid(333)}},
	{"getEphemerals", `000000e8 00000001000000ab 00000000 00000003 00000004 2f657068 00000005 2f65706832 00000011 2f7365712f652d30303030303030303033`, wire.OpGetEphemerals,
		wire.Reply{Xid: 0xe8, Zxid: zxid(171), Children: []string{"/eph", "/eph2", "/seq/e-0000000003"}}},
	{"getAllChildrenNumber", `0000000a 0000000100000018 00000000 00000003`, wire.OpGetAllChildrenNumber, wire.Reply{Xid: 0xa, Zxid: zxid(24), Count: 3}},
	{"addWatch", `00000005 000000010000015c 00000000 00000000`, wire.OpAddWatch, wire.Reply{Xid: 5, Zxid: zxid(348)}},
	{"removeWatches of none", `00000004 000000010000015b ffffff87`, wire.OpRemoveWatches, wire.Reply{Xid: 4, Zxid: zxid(347), Err: wire.NoWatcher}},
	{"whoAmI", `0000012e 00000001000000e0 00000000 00000003 00000002 6970 00000009 3132372e302e302e31 00000006 646967657374 00000005 616c696365 00000006 646967657374 00000005 616c696365`,
		wire.OpWhoAmI,
		wire.Reply{Xid: 0x12e, Zxid: zxid(224), Identities: []wire.ClientInfo{{Scheme: "ip", User: "127.0.0.1"}, {Scheme: "digest", User: "alice"}, {Scheme: "digest", User: "alice"}}}},
	{"an operation that there is not", `00000001 ffffffffffffffff fffffffa`, 0, wire.Reply{Xid: 1, Zxid: -1, Err: wire.Unimplemented}},
}

// fresh is the Stat of a node that the n-th transaction created with four bytes.
func fresh(n uint32) wire.Stat {
	return wire.Stat{Czxid: zxid(n), Mzxid: zxid(n), Ctime: sampleTime, Mtime: sampleTime, DataLength: 4, Pzxid: zxid(n)}
}

func TestGoldenReplies(t *testing.T) {
	for _, c := range goldenReplies {
		t.Run(c.name, func(t *testing.T) {
			b := bytesOf(t, c.hex)
			got, err := wire.DecodeReply(b, c.op)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			require.Equal(t, b, encoded(func(e *wire.Encoder) { c.want.Encode(e, c.op) }))
		})
	}
}

func TestGoldenConnects(t *testing.T) {
	const newSession = `00000000 0000000000000000 00001f40 0000000000000000 00000010 00000000000000000000000000000000`
	none := make([]byte, 16)
	cases := []struct {
		name, hex string
		want      wire.ConnectRequest
	}{
		{"new session", newSession + `00`, wire.ConnectRequest{TimeoutMillis: 8000, Password: none}},
		{"old client", newSession, wire.ConnectRequest{TimeoutMillis: 8000, Password: none, NoReadOnly: true}},
		{"another protocol version", `00000007` + newSession[8:] + `00`, wire.ConnectRequest{Protocol: 7, TimeoutMillis: 8000, Password: none}},
		{"read only", newSession + `01`, wire.ConnectRequest{TimeoutMillis: 8000, Password: none, ReadOnly: true}},
		{"null password", `00000000 0000000000000000 00001f40 0000000000000000 ffffffff 00`, wire.ConnectRequest{TimeoutMillis: 8000}},
		{"empty password", `00000000 0000000000000000 00001f40 0000000000000000 00000000 00`, wire.ConnectRequest{TimeoutMillis: 8000, Password: []byte{}}},
		{"reconnect", `00000000 0000000100000015 00001f40 0001000a1b2c3d01 00000010 00112233445566778899aabbccddeeff 00`,
			wire.ConnectRequest{LastZxidSeen: zxid(21), TimeoutMillis: 8000, Session: sampleSession, Password: bytesOf(t, `00112233445566778899aabbccddeeff`)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := wire.DecodeConnectRequest(bytesOf(t, c.hex))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			require.Equal(t, bytesOf(t, c.hex), encoded(c.want.Encode))
		})
	}
}

// What the recorded server takes, so do we.
func TestGoldenConnectsOfOddClients(t *testing.T) {
	const newSession = `00000000 0000000000000000 00001f40 0000000000000000 00000010 00000000000000000000000000000000`
	got, err := wire.DecodeConnectRequest(bytesOf(t, newSession+`00 010203`))
	require.NoError(t, err, "bytes behind a whole request")
	require.Equal(t, wire.ConnectRequest{TimeoutMillis: 8000, Password: make([]byte, 16)}, got)
	_, err = wire.DecodeConnectRequest(bytesOf(t, `00000000 0000000000000000 00001f40`))
	require.ErrorIs(t, err, wire.ErrMalformed, "truncated: the server closes the connection")
}

func TestGoldenConnectResponses(t *testing.T) {
	cases := []struct {
		name, hex string
		want      wire.ConnectResponse
	}{
		{"granted", `00000000 00001f40 0001000a1b2c3d01 00000010 00112233445566778899aabbccddeeff 00`,
			wire.ConnectResponse{TimeoutMillis: 8000, Session: sampleSession, Password: bytesOf(t, `00112233445566778899aabbccddeeff`)}},
		{"granted to an old client", `00000000 00001f40 0001000a1b2c3d01 00000010 00112233445566778899aabbccddeeff`,
			wire.ConnectResponse{TimeoutMillis: 8000, Session: sampleSession, Password: bytesOf(t, `00112233445566778899aabbccddeeff`), NoReadOnly: true}},
		{"session expired", `00000000 00000000 0000000000000000 00000010 00000000000000000000000000000000 00`,
			wire.ConnectResponse{Password: make([]byte, 16)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := wire.DecodeConnectResponse(bytesOf(t, c.hex))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			require.Equal(t, bytesOf(t, c.hex), encoded(c.want.Encode))
		})
	}
}

func TestGoldenNotifications(t *testing.T) {
	cases := []struct {
		hex  string
		want wire.Notification
	}{
		{`ffffffff ffffffffffffffff 00000000 00000001 00000003 00000006 2f772f6e6577`, wire.Notification{Zxid: -1, State: wire.StateSyncConnected, Type: wire.NodeCreated, Path: "/w/new"}},
		{`ffffffff ffffffffffffffff 00000000 00000002 00000003 00000005 2f612f6531`, wire.Notification{Zxid: -1, State: wire.StateSyncConnected, Type: wire.NodeDeleted, Path: "/a/e1"}},
		{`ffffffff ffffffffffffffff 00000000 00000003 00000003 00000002 2f77`, wire.Notification{Zxid: -1, State: wire.StateSyncConnected, Type: wire.NodeDataChanged, Path: "/w"}},
		{`ffffffff ffffffffffffffff 00000000 00000004 00000003 00000002 2f61`, wire.Notification{Zxid: -1, State: wire.StateSyncConnected, Type: wire.NodeChildrenChanged, Path: "/a"}},
	}
	for _, c := range cases {
		t.Run(c.want.Type.String(), func(t *testing.T) {
			got, err := wire.DecodeNotification(bytesOf(t, c.hex))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			require.Equal(t, bytesOf(t, c.hex), encoded(c.want.Encode))
		})
	}
}
