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
		wire.Request{Xid: wire.XidAuth, Op: wire.OpAuth, Path: "digest", Data: []byte("alice:secret")}},
	{"setWatches",
		`fffffff8 00000065 0000000000000000 00000002 00000002 2f77 00000005 2f6e6f6e65 00000002 00000004 2f772f78 00000006 2f6e6f6e6532 00000002 00000002 2f77 00000006 2f6e6f6e6533`,
		wire.Request{Xid: wire.XidSetWatches, Op: wire.OpSetWatches,
			DataWatches: []string{"/w", "/none"}, ExistWatches: []string{"/w/x", "/none2"}, ChildWatches: []string{"/w", "/none3"}}},
}

func bytesOf(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
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

func TestGoldenReplies(t *testing.T) {
	cases := []struct {
		name, hex string
		op        wire.OpCode
		want      wire.Reply
	}{
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
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := bytesOf(t, strings.NewReplacer("\n", "", "\t", "").Replace(c.hex))
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

// What the recorded server takes, so do we: an old client's request, and bytes behind
// a whole one.
func TestGoldenConnectsOfOddClients(t *testing.T) {
	const newSession = `00000000 0000000000000000 00001f40 0000000000000000 00000010 00000000000000000000000000000000`
	want := wire.ConnectRequest{TimeoutMillis: 8000, Password: make([]byte, 16)}
	for name, s := range map[string]string{"no last byte": newSession, "bytes behind": newSession + `00 010203`} {
		got, err := wire.DecodeConnectRequest(bytesOf(t, s))
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	_, err := wire.DecodeConnectRequest(bytesOf(t, `00000000 0000000000000000 00001f40`))
	require.ErrorIs(t, err, wire.ErrMalformed, "truncated: the server closes the connection")
}

func TestGoldenConnectResponses(t *testing.T) {
	cases := []struct {
		name, hex string
		want      wire.ConnectResponse
	}{
		{"granted", `00000000 00001f40 0001000a1b2c3d01 00000010 00112233445566778899aabbccddeeff 00`,
			wire.ConnectResponse{TimeoutMillis: 8000, Session: sampleSession, Password: bytesOf(t, `00112233445566778899aabbccddeeff`)}},
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
		{`ffffffff ffffffffffffffff 00000000 00000001 00000003 00000006 2f772f6e6577`, wire.Notification{Zxid: -1, Type: wire.NodeCreated, Path: "/w/new"}},
		{`ffffffff ffffffffffffffff 00000000 00000002 00000003 00000005 2f612f6531`, wire.Notification{Zxid: -1, Type: wire.NodeDeleted, Path: "/a/e1"}},
		{`ffffffff ffffffffffffffff 00000000 00000003 00000003 00000002 2f77`, wire.Notification{Zxid: -1, Type: wire.NodeDataChanged, Path: "/w"}},
		{`ffffffff ffffffffffffffff 00000000 00000004 00000003 00000002 2f61`, wire.Notification{Zxid: -1, Type: wire.NodeChildrenChanged, Path: "/a"}},
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
