package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/wire"
)

// service is a model with a clock and one client, for stories.
type service struct {
	*model.Server
	client *model.Conn
	zxid   wire.Zxid
	millis int64
}

func newService(cfg model.Config) *service {
	s := &service{Server: model.NewServer(model.New(cfg))}
	s.client = s.Connect(1, 7, "10.0.0.1")
	return s
}

// do carries out a request of the client, and says how it ended and what was told to whom.
func (s *service) do(r wire.Request) (model.Answer, []model.Event) {
	if !r.Op.IsWrite() {
		return s.Read(s.client, r)
	}
	s.zxid++
	s.millis++
	return s.Apply(model.Write{Zxid: s.zxid, Millis: s.millis, Session: 7, Who: s.client.Who(), Request: r})
}

func (s *service) code(r wire.Request) wire.Code {
	a, _ := s.do(r)
	return a.Err
}

func create(path wire.Path, data string) wire.Request {
	return wire.Request{Op: wire.OpCreate, Path: path, Data: []byte(data), ACL: wire.WorldACL(wire.PermAll)}
}

func set(path wire.Path, data string) wire.Request {
	return wire.Request{Op: wire.OpSetData, Path: path, Data: []byte(data), Version: -1}
}

func remove(path wire.Path) wire.Request {
	return wire.Request{Op: wire.OpDelete, Path: path, Version: -1}
}

// limited makes /q with a quota.
func limited(t *testing.T, enforce bool, limits string) *service {
	s := newService(model.Config{EnforceQuota: enforce})
	for _, r := range []wire.Request{
		create("/q", ""), create("/zookeeper/quota/q", ""), create("/zookeeper/quota/q/zookeeper_limits", limits),
		create("/zookeeper/quota/q/zookeeper_stats", "count=0,bytes=0"),
	} {
		require.Equal(t, wire.OK, s.code(r))
	}
	return s
}

func TestHardQuotas(t *testing.T) {
	const limits = "count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=2"
	s := limited(t, true, limits)
	require.Equal(t, wire.OK, s.code(create("/q/1", "abc")))
	require.Equal(t, wire.QuotaExceeded, s.code(create("/q/2", "")), "three nodes, /q itself among them")
	require.Equal(t, wire.QuotaExceeded, s.code(set("/q/1", "abcdef")))
	require.Equal(t, wire.OK, s.code(set("/q/1", "abcde")))
	require.Equal(t, wire.OK, s.code(remove("/q/1")))
	require.Equal(t, wire.OK, s.code(create("/q/2", "ab")))

	s = limited(t, false, limits)
	require.Equal(t, wire.OK, s.code(create("/q/1", "more than five")), "limits are not enforced")
	s = limited(t, true, "count=1,bytes=1")
	require.Equal(t, wire.OK, s.code(create("/q/1", "more than one")), "soft limits are not enforced")
}

func TestTimedNodesAreDueWhenLeftAlone(t *testing.T) {
	s := newService(model.Config{ExtendedTypes: true})
	ttl := wire.Request{Op: wire.OpCreateTTL, Path: "/t", ACL: wire.WorldACL(wire.PermAll), Flags: wire.FlagTTL, TTLMillis: 100}
	require.Equal(t, wire.OK, s.code(ttl))
	container := wire.Request{Op: wire.OpCreateContainer, Path: "/c", ACL: wire.WorldACL(wire.PermAll), Flags: wire.FlagContainer}
	require.Equal(t, wire.OK, s.code(container))
	require.Empty(t, s.Due(101))
	require.Equal(t, []string{"/t"}, s.Due(102), "the container has never been used")
	require.Equal(t, wire.OK, s.code(create("/t/child", "")))
	require.Equal(t, wire.OK, s.code(create("/c/child", "")))
	require.Empty(t, s.Due(10_000))
	require.Equal(t, wire.OK, s.code(remove("/c/child")))
	require.Equal(t, []string{"/c"}, s.Due(102))

	a, _ := s.Apply(model.Write{Zxid: 100, Request: wire.Request{Op: wire.OpDeleteContainer, Path: "/t"}})
	require.Equal(t, wire.NotEmpty, a.Err)
	a, _ = s.Apply(model.Write{Zxid: 101, Request: wire.Request{Op: wire.OpDeleteContainer, Path: "/c"}})
	require.Equal(t, wire.OK, a.Err)
	require.NotContains(t, s.Paths(), "/c")

	s = newService(model.Config{})
	require.Equal(t, wire.Unimplemented, s.code(ttl))
}

// Nobody hears of a node that it may not read (ZOOKEEPER-4799), also not by a watch on all
// that is below the root.
func TestEventsAreForThoseWhoMayRead(t *testing.T) {
	s := newService(model.Config{})
	watch := wire.Request{Op: wire.OpAddWatch, Path: "/", Mode: wire.AddPersistentRecursive}
	require.Equal(t, wire.OK, s.code(watch))
	_, events := s.do(create("/open", ""))
	require.Equal(t, []model.Event{{Conn: 1, Type: wire.NodeCreated, Path: "/open"}}, events)

	secret := create("/secret", "")
	secret.ACL = []wire.ACL{{Perms: wire.PermAll, Scheme: "ip", ID: "10.0.0.2"}}
	_, events = s.do(secret)
	require.Empty(t, events)
	_, events = s.do(remove("/secret"))
	require.Empty(t, events)
}

// A failed multi leaves nothing behind, also not in its parent's counter, which numbers
// sequential nodes (ZOOKEEPER-1624).
func TestFailedMultisLeaveNothing(t *testing.T) {
	s := newService(model.Config{})
	sequential := wire.Op{Type: wire.OpCreate, Path: "/s-", ACL: wire.WorldACL(wire.PermAll), Flags: wire.FlagSequential}
	before := s.Clone()
	a, events := s.do(wire.Request{Op: wire.OpMulti, Ops: []wire.Op{sequential, {Type: wire.OpDelete, Path: "/none", Version: -1}}})
	require.Equal(t, []wire.Result{{Type: wire.OpError}, {Type: wire.OpError, Err: wire.NoNode}}, a.Results)
	require.Empty(t, events)
	require.Equal(t, before.Paths(), s.Paths())
	a, _ = s.do(wire.Request{Op: wire.OpMulti, Ops: []wire.Op{sequential}})
	require.Equal(t, wire.Path("/s-0000000000"), a.Results[0].Path)
}

// The end of a session takes its nodes and no others, in the order that it is told.
func TestSessionsTakeTheirNodes(t *testing.T) {
	s := newService(model.Config{})
	for _, p := range []wire.Path{"/b", "/a"} {
		r := create(p, "")
		r.Flags = wire.FlagEphemeral
		require.Equal(t, wire.OK, s.code(r))
	}
	require.Equal(t, wire.OK, s.code(create("/stays", "")))
	require.Equal(t, []string{"/b", "/a"}, s.Owned(7))
	end := model.Write{Zxid: 100, Session: 7, Request: wire.Request{Op: wire.OpCloseSession}, Order: []string{"/b"}}
	require.PanicsWithValue(t, "model: session 0x7 ends with [/b], and owns [/a /b]", func() { s.Clone().Write(end) })
	end.Order = nil
	a, _ := s.Apply(end)
	require.True(t, a.Hangup)
	require.Equal(t, []string{"/", "/stays", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"}, s.Paths())
}

// Persistent watches are armed again, and what they have missed is not told: documented.
func TestPersistentWatchesMissWhatHappensMeanwhile(t *testing.T) {
	s := newService(model.Config{})
	require.Equal(t, wire.OK, s.code(create("/p", "")))
	require.Equal(t, wire.OK, s.code(set("/p", "new")))
	_, events := s.do(wire.Request{Op: wire.OpSetWatches2, PersistentWatches: []string{"/p"}, DataWatches: []string{"/p"}})
	require.Equal(t, []model.Event{{Conn: 1, Type: wire.NodeDataChanged, Path: "/p"}}, events, "the data watch alone")
	for range 2 {
		_, events = s.do(set("/p", "newer"))
		require.Len(t, events, 1)
	}
}

func TestNobodyIsAboveTheACLsButSuper(t *testing.T) {
	s := newService(model.Config{SuperDigest: "super:D/InIHSb7yEEbrWz8b9l71RjZJU="})
	r := create("/closed", "")
	r.ACL = []wire.ACL{{Perms: wire.PermRead, Scheme: "world", ID: "anyone"}}
	require.Equal(t, wire.OK, s.code(r))
	require.Equal(t, wire.NoAuth, s.code(set("/closed", "x")))
	require.Equal(t, wire.OK, s.code(wire.Request{Op: wire.OpAuth, Scheme: "digest", Data: []byte("super:test")}))
	require.Equal(t, wire.OK, s.code(set("/closed", "x")))

	s = newService(model.Config{SkipACL: true})
	require.Equal(t, wire.OK, s.code(r))
	require.Equal(t, wire.OK, s.code(set("/closed", "x")))
}
