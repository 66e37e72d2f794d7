package history

// Deaths is where the lives of clients ended: positions, in order, of each client.
type Deaths map[int][]uint64

// Deaths returns the ends that the log knows of.
func (l *Log) Deaths() Deaths {
	d := Deaths{}
	for i := range l.Facts {
		if f := &l.Facts[i]; f.Kind == ClientStopped {
			d[f.Client] = append(d[f.Client], f.Seq)
		}
	}
	return d
}

// Between reports whether the client died between two positions. What it knew at the first
// it then does not know at the second.
func (d Deaths) Between(client int, from, to uint64) bool {
	at, died := d.After(client, from)
	return died && at < to
}

// After returns the first death of the client after a position.
func (d Deaths) After(client int, from uint64) (at uint64, died bool) {
	for _, at := range d[client] {
		if at > from {
			return at, true
		}
	}
	return 0, false
}
