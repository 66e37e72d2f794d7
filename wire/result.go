package wire

// Result is what became of one operation of a multi or multiRead. Type is the operation,
// or OpError with the code in Err. In a failed multi every result is an error: OK before
// the operation that failed, RuntimeInconsistency behind it. ZooKeeper sends createContainer
// and createTTL as create2, and create2 as create (see Op.Effective).
type Result struct {
	Type     OpCode
	Err      Code
	Path     Path
	Data     []byte
	Stat     Stat
	Children []string
}

// encode appends the body.
func (r *Result) encode(e *Encoder) {
	switch r.Type {
	case OpError:
		e.Int32(int32(r.Err))
	case OpCreate:
		e.JavaString(string(r.Path))
	case OpCreate2, OpCreateContainer, OpCreateTTL:
		e.JavaString(string(r.Path))
		e.Stat(&r.Stat)
	case OpSetData:
		e.Stat(&r.Stat)
	case OpGetData:
		e.Bytes(r.Data)
		e.Stat(&r.Stat)
	case OpGetChildren:
		e.JavaStrings(r.Children)
	}
}

// decode reads the body, and reports whether there is a result of the type. Data aliases
// what is decoded.
func (r *Result) decode(d *Decoder) bool {
	switch r.Type {
	case OpError:
		r.Err = Code(d.Int32())
	case OpCreate:
		r.Path = Path(d.JavaString())
	case OpCreate2, OpCreateContainer, OpCreateTTL:
		r.Path, r.Stat = Path(d.JavaString()), d.Stat()
	case OpSetData:
		r.Stat = d.Stat()
	case OpGetData:
		r.Data, r.Stat = d.View(), d.Stat()
	case OpGetChildren:
		r.Children = d.JavaStrings()
	case OpDelete, OpCheck:
	default:
		return false
	}
	return true
}

func (e *Encoder) results(v []Result) {
	for i := range v {
		r := &v[i]
		e.multiHeader(r.sentAs(), false, int32(r.Err))
		r.encode(e)
	}
	e.multiHeader(OpError, true, -1)
}

// sentAs returns the type that stands before the result.
func (r *Result) sentAs() OpCode {
	if r.Type == OpCreateContainer || r.Type == OpCreateTTL {
		return OpCreate2
	}
	return r.Type
}

func (d *Decoder) results() []Result {
	return stream(d, func(d *Decoder, t OpCode, _ *Result) Result {
		r := Result{Type: t}
		if !r.decode(d) {
			d.fail(NotInResult, int32(t))
		}
		return r
	})
}
