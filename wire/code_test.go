package wire_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// keeperCodes is KeeperException.Code, all of it.
var keeperCodes = map[wire.Code]string{
	0: "OK", -1: "SYSTEMERROR", -2: "RUNTIMEINCONSISTENCY", -3: "DATAINCONSISTENCY", -4: "CONNECTIONLOSS",
	-5: "MARSHALLINGERROR", -6: "UNIMPLEMENTED", -7: "OPERATIONTIMEOUT", -8: "BADARGUMENTS", -12: "UNKNOWNSESSION",
	-13: "NEWCONFIGNOQUORUM", -14: "RECONFIGINPROGRESS", -100: "APIERROR", -101: "NONODE", -102: "NOAUTH",
	-103: "BADVERSION", -108: "NOCHILDRENFOREPHEMERALS", -110: "NODEEXISTS", -111: "NOTEMPTY",
	-112: "SESSIONEXPIRED", -113: "INVALIDCALLBACK", -114: "INVALIDACL", -115: "AUTHFAILED", -118: "SESSIONMOVED",
	-119: "NOTREADONLY", -120: "EPHEMERALONLOCALSESSION", -121: "NOWATCHER", -122: "REQUESTTIMEOUT",
	-123: "RECONFIGDISABLED", -124: "SESSIONCLOSEDREQUIRESASLAUTH", -125: "QUOTAEXCEEDED", -127: "THROTTLEDOP",
}

func TestCodesHaveKeepersNames(t *testing.T) {
	for c := wire.Code(5); c > -140; c-- {
		require.Equal(t, keeperCodes[c], c.Name(), "%d", int32(c))
		_, known := keeperCodes[c]
		require.Equal(t, !known, c.String() == fmt.Sprintf("code %d", int32(c)), "%s: people read a text", c)
	}
}

func TestCodesAsErrors(t *testing.T) {
	require.NoError(t, wire.OK.Err(wire.OpCreate, "/a"))
	err := fmt.Errorf("no lock: %w", wire.NodeExists.Err(wire.OpCreate, "/a"))
	require.EqualError(t, err, `no lock: create "/a": node exists (-110)`)

	code, ok := wire.CodeOf(err)
	require.True(t, ok)
	require.Equal(t, wire.NodeExists, code)
	code, ok = wire.CodeOf(nil)
	require.True(t, ok)
	require.Equal(t, wire.OK, code)
	_, ok = wire.CodeOf(errors.New("out of ink"))
	require.False(t, ok)
}

func TestOperationsOfAMultiAreWhatTheirFlagsSay(t *testing.T) {
	for _, c := range []struct {
		sent  wire.OpCode
		flags int32
		want  wire.OpCode
	}{ // each was seen on Apache ZooKeeper 3.8, by the type of its result
		{wire.OpCreate, 0, wire.OpCreate},
		{wire.OpCreate2, 0, wire.OpCreate},
		{wire.OpCreate, wire.FlagContainer, wire.OpCreateContainer},
		{wire.OpCreateContainer, 0, wire.OpCreate},
		{wire.OpCreateContainer, wire.FlagEphemeral, wire.OpCreate},
		{wire.OpCreateTTL, 0, wire.OpCreate},
		{wire.OpCreateTTL, wire.FlagTTLSequential, wire.OpCreateTTL},
		{wire.OpDelete, 0, wire.OpDelete},
		{wire.OpGetData, 0, wire.OpGetData},
	} {
		op := wire.Op{Type: c.sent, Path: "/a", Flags: c.flags, Watch: true}
		require.Equal(t, c.want, op.Effective(), "%s with flags %d", c.sent, c.flags)
		require.Equal(t, wire.Request{Xid: 3, Op: c.want, Path: "/a", Flags: c.flags}, op.Request(3), "and leaves no watch")
	}
}
