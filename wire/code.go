package wire

import (
	"errors"
	"fmt"
)

// Code is the err field of a reply header, and of an error among a multi's results.
type Code int32

// All of KeeperException's codes, by its names.
const (
	OK                           Code = 0
	SystemError                  Code = -1 // marks a range; never sent
	RuntimeInconsistency         Code = -2 // in a failed multi: an operation behind the one that failed
	DataInconsistency            Code = -3
	ConnectionLoss               Code = -4 // a client's own
	MarshallingError             Code = -5
	Unimplemented                Code = -6
	OperationTimeout             Code = -7 // a client's own
	BadArguments                 Code = -8
	UnknownSession               Code = -12 // between servers
	NewConfigNoQuorum            Code = -13
	ReconfigInProgress           Code = -14
	APIError                     Code = -100 // marks a range; never sent
	NoNode                       Code = -101
	NoAuth                       Code = -102
	BadVersion                   Code = -103
	NoChildrenForEphemerals      Code = -108
	NodeExists                   Code = -110
	NotEmpty                     Code = -111
	SessionExpired               Code = -112
	InvalidCallback              Code = -113 // a client's own
	InvalidACL                   Code = -114
	AuthFailed                   Code = -115
	SessionMoved                 Code = -118 // not sent: the connection is closed
	NotReadOnly                  Code = -119
	EphemeralOnLocalSession      Code = -120
	NoWatcher                    Code = -121
	RequestTimeout               Code = -122 // a client's own
	ReconfigDisabled             Code = -123
	SessionClosedRequireSaslAuth Code = -124
	QuotaExceeded                Code = -125
	ThrottledOp                  Code = -127
)

// codeNames has KeeperException's name of each code, and what it means to people.
var codeNames = map[Code]struct{ name, text string }{
	OK:                           {"OK", "ok"},
	SystemError:                  {"SYSTEMERROR", "system error"},
	RuntimeInconsistency:         {"RUNTIMEINCONSISTENCY", "runtime inconsistency"},
	DataInconsistency:            {"DATAINCONSISTENCY", "data inconsistency"},
	ConnectionLoss:               {"CONNECTIONLOSS", "connection loss"},
	MarshallingError:             {"MARSHALLINGERROR", "marshalling error"},
	Unimplemented:                {"UNIMPLEMENTED", "unimplemented"},
	OperationTimeout:             {"OPERATIONTIMEOUT", "operation timeout"},
	BadArguments:                 {"BADARGUMENTS", "bad arguments"},
	UnknownSession:               {"UNKNOWNSESSION", "unknown session"},
	NewConfigNoQuorum:            {"NEWCONFIGNOQUORUM", "no quorum of the new configuration"},
	ReconfigInProgress:           {"RECONFIGINPROGRESS", "reconfiguration in progress"},
	APIError:                     {"APIERROR", "API error"},
	NoNode:                       {"NONODE", "no node"},
	NoAuth:                       {"NOAUTH", "no permission"},
	BadVersion:                   {"BADVERSION", "bad version"},
	NoChildrenForEphemerals:      {"NOCHILDRENFOREPHEMERALS", "ephemerals have no children"},
	NodeExists:                   {"NODEEXISTS", "node exists"},
	NotEmpty:                     {"NOTEMPTY", "not empty"},
	SessionExpired:               {"SESSIONEXPIRED", "session expired"},
	InvalidCallback:              {"INVALIDCALLBACK", "invalid callback"},
	InvalidACL:                   {"INVALIDACL", "invalid ACL"},
	AuthFailed:                   {"AUTHFAILED", "authentication failed"},
	SessionMoved:                 {"SESSIONMOVED", "session moved"},
	NotReadOnly:                  {"NOTREADONLY", "not a read, on a read-only server"},
	EphemeralOnLocalSession:      {"EPHEMERALONLOCALSESSION", "ephemeral on a local session"},
	NoWatcher:                    {"NOWATCHER", "no such watch"},
	RequestTimeout:               {"REQUESTTIMEOUT", "request timeout"},
	ReconfigDisabled:             {"RECONFIGDISABLED", "reconfiguration disabled"},
	SessionClosedRequireSaslAuth: {"SESSIONCLOSEDREQUIRESASLAUTH", "session closed: authentication required"},
	QuotaExceeded:                {"QUOTAEXCEEDED", "quota exceeded"},
	ThrottledOp:                  {"THROTTLEDOP", "throttled"},
}

func (c Code) String() string {
	if n, ok := codeNames[c]; ok {
		return n.text
	}
	return fmt.Sprintf("code %d", int32(c))
}

// Name returns KeeperException's name of the code, or "" if it has none.
func (c Code) Name() string { return codeNames[c].name }

// Err returns the code as an error about one operation, and nil for OK.
func (c Code) Err(op OpCode, path Path) error {
	if c == OK {
		return nil
	}
	return &Error{op, path, c}
}

// Error is a refusal as an error.
type Error struct {
	Op   OpCode
	Path Path
	Code Code
}

func (e *Error) Error() string {
	s := e.Op.String()
	if e.Path != "" {
		s += fmt.Sprintf(" %q", string(e.Path))
	}
	return fmt.Sprintf("%s: %s (%d)", s, e.Code, int32(e.Code))
}

// CodeOf returns the code that an error carries, OK for nil; ok is false for an error that
// carries none.
func CodeOf(err error) (c Code, ok bool) {
	if err == nil {
		return OK, true
	}
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Code, true
	}
	return OK, false
}
