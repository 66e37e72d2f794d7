package wire

// Op is one operation of a multi or multiRead. Its body is that of a request of the same
// type.
type Op struct {
	Type      OpCode
	Path      Path
	Data      []byte
	ACL       []ACL
	Flags     int32
	TTLMillis int64
	Version   int32
	Watch     bool // ZooKeeper leaves no watch whatever it says
}

// Request returns the operation as a request of its own, as which it is carried out.
func (o *Op) Request(xid int32) Request {
	r := Request{Xid: xid, Op: o.Effective()}
	r.set(*o)
	r.Watch = false
	return r
}

// Effective returns the operation that ZooKeeper carries out: a create in a multi is what
// its flags make it, whatever its type, so that create2 is answered like create, with no
// Stat. Flags of no kind make a create that is refused.
func (o *Op) Effective() OpCode {
	if !o.creates() {
		return o.Type
	}
	switch o.Flags {
	case FlagContainer:
		return OpCreateContainer
	case FlagTTL, FlagTTLSequential:
		return OpCreateTTL
	}
	return OpCreate
}

func (o *Op) creates() bool {
	switch o.Type {
	case OpCreate, OpCreate2, OpCreateContainer, OpCreateTTL:
		return true
	}
	return false
}

func (o *Op) reads() bool { return o.Type == OpGetData || o.Type == OpGetChildren }

// encode appends the body.
func (o *Op) encode(e *Encoder) {
	switch o.Type {
	case OpCreate, OpCreate2, OpCreateContainer, OpCreateTTL:
		o.encodeCreate(e)
	case OpDelete, OpCheck:
		e.String(string(o.Path))
		e.Int32(o.Version)
	case OpSetData:
		e.String(string(o.Path))
		e.Bytes(o.Data)
		e.Int32(o.Version)
	case OpGetData, OpGetChildren:
		e.String(string(o.Path))
		e.Bool(o.Watch)
	}
}

func (o *Op) encodeCreate(e *Encoder) {
	e.String(string(o.Path))
	e.Bytes(o.Data)
	e.ACLs(o.ACL)
	e.Int32(o.Flags)
	if o.Type == OpCreateTTL {
		e.Int64(o.TTLMillis)
	}
}

// decode reads the body, and reports whether there is an operation of the type. Data
// aliases what is decoded.
func (o *Op) decode(d *Decoder) bool {
	switch o.Type {
	case OpCreate, OpCreate2, OpCreateContainer, OpCreateTTL:
		o.decodeCreate(d)
	case OpDelete, OpCheck:
		o.Path, o.Version = Path(d.String()), d.Int32()
	case OpSetData:
		o.Path, o.Data, o.Version = Path(d.String()), d.View(), d.Int32()
	case OpGetData, OpGetChildren:
		o.Path, o.Watch = Path(d.String()), d.Bool()
	default:
		return false
	}
	return true
}

func (o *Op) decodeCreate(d *Decoder) {
	o.Path, o.Data, o.ACL, o.Flags = Path(d.String()), d.View(), d.ACLs(), d.Int32()
	if o.Type == OpCreateTTL {
		o.TTLMillis = d.Int64()
	}
}

// multiHeader appends what stands before each operation and result, and behind the last.
func (e *Encoder) multiHeader(op OpCode, done bool, err int32) {
	e.Int32(int32(op))
	e.Bool(done)
	e.Int32(err)
}

func (e *Encoder) ops(v []Op) {
	for i := range v {
		e.multiHeader(v[i].Type, false, -1)
		v[i].encode(e)
	}
	e.multiHeader(OpError, true, -1)
}

// ops reads the operations of a multi. Reads and writes do not mix, as in Java's
// MultiOperationRecord; which of the two belong in a multi and which in a multiRead is for
// the caller to tell.
func (d *Decoder) ops() []Op {
	return stream(d, func(d *Decoder, t OpCode, first *Op) (o Op) {
		o.Type = t
		switch {
		case !o.decode(d):
			d.fail(NotInMulti, int32(t))
		case o.Type != OpCreateTTL && (o.Flags == FlagTTL || o.Flags == FlagTTLSequential):
			d.fail(NotInMulti, o.Flags) // a create that has no room for the TTL
		case first != nil && first.reads() != o.reads():
			d.fail(MixedMulti, int32(t))
		}
		return o
	})
}

// multiHeader reads what stands before each operation and result. Behind done nothing is
// looked at.
func (d *Decoder) multiHeader() (op OpCode, done bool) {
	op, done = OpCode(d.Int32()), d.Bool()
	d.Int32()
	return op, done || d.err != nil
}

// stream reads the elements of a multi. A dry run checks and counts them, so that what is
// made then is in proportion to what there is. First is nil where there is nothing to
// compare with.
func stream[T any](outer *Decoder, element func(d *Decoder, t OpCode, first *T) T) []T {
	dry, d := *outer, *outer // these escape to the heap; the decoders of other records need not
	dry.dry = true
	n := 0
	var first T
	var compare *T
	for t, done := dry.multiHeader(); !done; t, done = dry.multiHeader() {
		x := element(&dry, t, compare)
		if n++; n == 1 {
			first, compare = x, &first
		}
	}
	if outer.err = dry.err; dry.err != nil {
		return nil
	}
	v := make([]T, 0, n)
	for range n {
		t, _ := d.multiHeader()
		v = append(v, element(&d, t, nil))
	}
	d.multiHeader()
	*outer = d
	return v
}
