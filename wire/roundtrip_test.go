package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

func TestRequestRoundTrip(t *testing.T) {
	for _, op := range operations {
		t.Run(op.String(), rapid.MakeCheck(func(t *rapid.T) {
			want := request(t, op)
			b := encoded(want.Encode)
			got, err := wire.DecodeRequest(b)
			require.NoError(t, err)
			require.Equal(t, want, got)
			if op == wire.OpDeleteContainer {
				b = b[:8] // what follows is a path of any length
			}
			requirePrefixesMalformed(t, b, func(b []byte) error { _, err := wire.DecodeRequest(b); return err })
		}))
	}
}

func TestReplyRoundTrip(t *testing.T) {
	for _, op := range operations {
		t.Run(op.String(), rapid.MakeCheck(func(t *rapid.T) {
			want := reply(t, op)
			b := encoded(func(e *wire.Encoder) { want.Encode(e, op) })
			got, err := wire.DecodeReply(b, op)
			require.NoError(t, err)
			require.Equal(t, want, got)
			requirePrefixesMalformed(t, b, func(b []byte) error { _, err := wire.DecodeReply(b, op); return err })
		}))
	}
}

// A refusal is its header alone, whatever fields the record happens to hold.
func TestRefusalHasNoBody(t *testing.T) {
	for _, op := range operations {
		t.Run(op.String(), rapid.MakeCheck(func(t *rapid.T) {
			full := reply(t, op)
			full.Err = wire.Code(rapid.Int32Range(-200, -1).Draw(t, "code"))
			full.Results = nil // which may go with a refusal
			b := encoded(func(e *wire.Encoder) { full.Encode(e, op) })
			require.Len(t, b, 16)
			got, err := wire.DecodeReply(b, op)
			require.NoError(t, err)
			require.Equal(t, wire.Reply{Xid: full.Xid, Zxid: full.Zxid, Err: full.Err}, got)
		}))
	}
}

func TestConnectRequestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := wire.ConnectRequest{
			LastZxidSeen:  integer[wire.Zxid](t, "seen"),
			TimeoutMillis: integer[int32](t, "timeout"),
			Session:       integer[wire.SessionID](t, "session"),
			Password:      data(t),
			ReadOnly:      rapid.Bool().Draw(t, "readonly"),
		}
		b := encoded(want.Encode)
		got, err := wire.DecodeConnectRequest(b)
		require.NoError(t, err)
		require.Equal(t, want, got)

		old, err := wire.DecodeConnectRequest(b[:len(b)-1])
		want.ReadOnly, want.NoReadOnly = false, true
		require.NoError(t, err, "clients up to 3.3 send no last byte")
		require.Equal(t, want, old)
		require.Equal(t, b[:len(b)-1], encoded(old.Encode))
		requirePrefixesMalformed(t, b[:len(b)-1], func(b []byte) error { _, err := wire.DecodeConnectRequest(b); return err })
	})
}

func TestConnectResponseRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := wire.ConnectResponse{
			TimeoutMillis: integer[int32](t, "timeout"),
			Session:       integer[wire.SessionID](t, "session"),
			Password:      data(t),
			ReadOnly:      rapid.Bool().Draw(t, "readonly"),
		}
		b := encoded(want.Encode)
		got, err := wire.DecodeConnectResponse(b)
		require.NoError(t, err)
		require.Equal(t, want, got)

		old, err := wire.DecodeConnectResponse(b[:len(b)-1])
		want.ReadOnly, want.NoReadOnly = false, true
		require.NoError(t, err, "servers up to 3.3 send no last byte")
		require.Equal(t, want, old)
		require.Equal(t, b[:len(b)-1], encoded(old.Encode))
		requirePrefixesMalformed(t, b[:len(b)-1], func(b []byte) error { _, err := wire.DecodeConnectResponse(b); return err })
	})
}

func TestNotificationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := wire.Notification{Zxid: integer[wire.Zxid](t, "zxid"), Type: integer[wire.EventType](t, "type"), State: wire.StateSyncConnected, Path: path(t)}
		b := encoded(want.Encode)
		got, err := wire.DecodeNotification(b)
		require.NoError(t, err)
		require.Equal(t, want, got)
		requirePrefixesMalformed(t, b, func(b []byte) error { _, err := wire.DecodeNotification(b); return err })

		header := wire.DecodeReplyHeader(wire.NewDecoder(b))
		require.Equal(t, wire.XidNotification, header.Xid, "a client tells it from replies by the xid")
	})
}

// requirePrefixesMalformed cuts a record at every length: none may pass for a whole one.
func requirePrefixesMalformed(t *rapid.T, whole []byte, decode func([]byte) error) {
	for n := range whole {
		require.ErrorIs(t, decode(whole[:n]), wire.ErrMalformed, "cut to %d of %d bytes", n, len(whole))
	}
}
