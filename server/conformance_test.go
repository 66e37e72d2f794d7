package server_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/conformance"
	"github.com/zoobreak/zoobreak/server"
	"github.com/zoobreak/zoobreak/server/zoocfg"
)

// overTCP is a served process as the player of recordings knows it.
type overTCP struct{ addr string }

func (w overTCP) Dial() (conformance.Link, error) {
	c, err := net.Dial("tcp", w.addr)
	return link{c}, err
}

func (overTCP) Pass(d time.Duration) { time.Sleep(d) }
func (overTCP) NowMillis() int64     { return time.Now().UnixMilli() }

type link struct{ net.Conn }

// silence is how long a server may take to answer; a real one does in milliseconds.
const silence = 5 * time.Second

func (l link) Write(p []byte) { l.Conn.Write(p) } // that the connection has ended shows in the next read

func (l link) Close() { l.Conn.Close() }

func (l link) Frame() ([]byte, conformance.Status) {
	l.SetReadDeadline(time.Now().Add(silence))
	var length [4]byte
	if _, err := io.ReadFull(l, length[:]); err != nil {
		return nil, ended(err)
	}
	// A length may be anything: the answer to a four-letter word is no frame.
	n := int64(binary.BigEndian.Uint32(length[:]))
	frame, err := io.ReadAll(io.LimitReader(l, n))
	if err == nil && int64(len(frame)) < n {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, ended(err)
	}
	return frame, conformance.Came
}

func ended(err error) conformance.Status {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return conformance.Silent
	}
	return conformance.Ended
}

func (l link) Rest() []byte {
	l.SetReadDeadline(time.Now().Add(silence))
	b, _ := io.ReadAll(l) // as much as came
	return b
}

func recording(t *testing.T, name string) *conformance.Recording {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", "conformance", name))
	require.NoError(t, err)
	defer f.Close()
	r, err := conformance.Read(f)
	require.NoError(t, err)
	return r
}

// recorded is the settings that the real server had.
func recorded(t *testing.T, r *conformance.Recording) server.Config {
	t.Helper()
	settings := []zoocfg.Setting{{Key: "dataDir", Value: t.TempDir()}, {Key: "maxClientCnxns", Value: "0"}}
	for _, o := range r.Options {
		key, value, _ := strings.Cut(o, "=")
		settings = append(settings, zoocfg.Setting{Key: key, Value: value, Where: "the recording"})
	}
	cfg, _, err := zoocfg.Build(settings)
	require.NoError(t, err)
	cfg.Client = "127.0.0.1:0"
	return cfg
}

func TestAServedProcessAnswersAsRecorded(t *testing.T) {
	for _, name := range []string{"hand.jsonl", "fuzz-1.jsonl"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := recording(t, name)
			played, err := conformance.Play(overTCP{start(t, recorded(t, r)).Addrs().Client}, r.Steps)
			require.NoError(t, err)
			require.Len(t, played, len(r.Steps))
			different := conformance.Compare(r.Steps, played)
			for _, d := range different {
				t.Error(d)
			}
		})
	}
}

// Two of three answer what one of a real ensemble did. Which leads is not known before; on
// the leader srvr has a line more, as a real one's has, and the recording is of a follower.
func TestAnEnsembleAnswersAsRecorded(t *testing.T) {
	for _, mode := range []string{"follower", "leader"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := recording(t, "hand-ensemble.jsonl")
			_, addrs := ensemble(t, recorded(t, r))
			i := slices.IndexFunc(addrs, func(at string) bool { return strings.Contains(ask(t, at, "srvr"), "Mode: "+mode+"\n") })
			require.GreaterOrEqual(t, i, 0)
			played, err := conformance.Play(overTCP{addrs[i]}, r.Steps)
			require.NoError(t, err)
			require.Len(t, played, len(r.Steps))
			for _, d := range conformance.Compare(r.Steps, played) {
				if mode == "leader" && d.Want.Desc == "srvr" {
					require.Equal(t, d.Want.Resp+",Proposal sizes last/min/max", d.Got.Resp)
					continue
				}
				t.Error(d)
			}
		})
	}
}
