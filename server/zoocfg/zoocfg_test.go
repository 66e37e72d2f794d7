package zoocfg_test

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/testcert"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/server"
	"github.com/zoobreak/zoobreak/server/zoocfg"
)

func build(t *testing.T, text string) (server.Config, []string, error) {
	t.Helper()
	s, err := zoocfg.Parse("zoo.cfg", text)
	require.NoError(t, err)
	return zoocfg.Build(s)
}

// What go-zookeeper/zk's own suite writes, and comments.
const suite = `# a comment
! another
admin.enableServer=false
dataDir=DIR
tickTime=500
initLimit=10
syncLimit = 5
clientPort=12345
reconfigEnabled=true
4lw.commands.whitelist=\
  *
standaloneEnabled=false
server.1=127.0.0.1:12346:12347
server.2=127.0.0.1:12349:12350
`

func TestAZooCfg(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "zoo.cfg")
	require.NoError(t, os.WriteFile(name, []byte(suite), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "myid"), []byte("2\n"), 0o600))
	settings, err := zoocfg.ReadFile(name)
	require.NoError(t, err)
	settings = append(settings, zoocfg.Setting{Key: "dataDir", Value: dir, Where: "--data"})
	cfg, warnings, err := zoocfg.Build(settings)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.True(t, cfg.ReconfigEnabled)
	require.Equal(t, node.ID(2), cfg.ID)
	require.Equal(t, dir, cfg.Dir, "the later counts")
	require.Equal(t, ":12345", cfg.Client)
	require.Equal(t, 500*time.Millisecond, cfg.Tick)
	require.Equal(t, []int{10, 5}, []int{cfg.InitLimit, cfg.SyncLimit})
	require.Equal(t, []string{"*"}, cfg.Words)
	require.Len(t, cfg.Ensemble.Voters(), 2)
	require.Empty(t, cfg.Admin)
}

func TestLimitsAndPlaces(t *testing.T) {
	cfg, warnings, err := build(t, "dataDir=/d\nclientPort=1\nclientPortAddress=::1\nmaxClientCnxns=0\nmaxCnxns=7\nglobalOutstandingLimit=9\n"+
		"jute.maxbuffer=0x100000\nadmin.enableServer=true\nminSessionTimeout=-1\nmaxSessionTimeout=9000\nsnapCount=50\npreAllocSize=512\nautopurge.snapRetainCount=5\n4lw.commands.whitelist=ruok, srvr\n")
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, "[::1]:1", cfg.Client)
	require.Equal(t, "127.0.0.1:8080", cfg.Admin, "not for everybody, unless it is said")
	require.Equal(t, []int{-1, 7, 9, 1 << 20, 50, 512, 5}, []int{cfg.PerAddress, cfg.Total, cfg.Outstanding, cfg.MaxFrame, cfg.SnapEvery, cfg.PreallocKiB, cfg.KeepSnapshots})
	require.Equal(t, []time.Duration{0, 9 * time.Second}, []time.Duration{cfg.MinSession, cfg.MaxSession})
	require.Equal(t, []string{"ruok", "srvr"}, cfg.Words)
}

func TestTheClientsAddressMayBeInTheServersLine(t *testing.T) {
	cfg, _, err := build(t, "dataDir=/d\nmyid=1\nserver.1=a:1:2;127.0.0.1:3\nserver.2=b:1:2\n")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:3", cfg.Client)
}

func TestWarningsNameTheLine(t *testing.T) {
	_, warnings, err := build(t, "dataDir=/d\n\nclientPrt=1\ndataLogDir=/e\nlocalSessionsEnabled=yes\nforceSync=no\nautopurge.purgeInterval=1\n4lw.commands.whitelist=srvr,kill\n")
	require.NoError(t, err)
	require.Equal(t, []string{
		"zoo.cfg:3: clientPrt: there is no such setting; it is ignored",
		"zoo.cfg:4: dataLogDir: log and snapshots are both in the dataDir",
		"zoo.cfg:5: localSessionsEnabled: there are no local sessions yet",
		"zoo.cfg:6: forceSync: what is acknowledged is always synced first",
		"zoo.cfg:8: 4lw.commands.whitelist: there is no four-letter word kill",
	}, warnings)
}

func TestBadSettingsAreRefused(t *testing.T) {
	for text, sentence := range map[string]string{
		"tickTime=fast":                  `zoo.cfg:1: tickTime=fast: it must be a number, and at least 1`,
		"\ntickTime=0":                   `zoo.cfg:2: tickTime=0: it must be a number, and at least 1`,
		"initLimit=99999999999":          `zoo.cfg:1: initLimit=99999999999: it must be a number, and at least 1`,
		"clientPort=70000":               `zoo.cfg:1: clientPort=70000: a port is a number from 0 to 65535`,
		"clientPort=0":                   `zoo.cfg:1: clientPort=0: port 0 is no place to find a server; leave the setting out`,
		"maxCnxns=-1":                    `zoo.cfg:1: maxCnxns=-1: it must be a number, and at least 0`,
		"sslQuorum=maybe":                `zoo.cfg:1: sslQuorum=maybe: it must be true or false`,
		"superDigest=super":              `zoo.cfg:1: superDigest=super: it must be super: and a hash`,
		"dataDir=":                       `zoo.cfg:1: dataDir=: it must not be empty`,
		"myid=300":                       `zoo.cfg:1: myid=300: an id is a number from 1 to 255`,
		"server.1=a:1":                   `zoo.cfg:1: quorum: "server.1=a:1": it must say host:quorumPort:electionPort, and may add :participant or :observer and ;clientPort`,
		"server.1=a:1:2\nserver.1=a:1:2": `zoo.cfg:1: quorum: server.1 is there twice`,
		"server.1=a:1:2\nserver.2=b:1:2": `zoo.cfg:1: which of the servers is this? There is no file myid in the dataDir, and no --id`,
		"secureClientPort=1":             `zoo.cfg:1: secureClientPort=1: ssl.keyStore.location (for servers ssl.quorum.keyStore.location) must name a PEM file with certificate and key`,
		"ssl.keyStore.type=JKS":          `zoo.cfg:1: ssl.keyStore.type=JKS: only PEM files can be read here: certificate and key in one file`,
		"secureClientPort=1\nssl.keyStore.location=/none": `zoo.cfg:2: ssl.keyStore.location=/none: open /none: no such file or directory`,
	} {
		_, _, err := build(t, text)
		require.EqualError(t, err, sentence, text)
	}
	_, err := zoocfg.Parse("zoo.cfg", "dataDir=/d\nhello\n")
	require.EqualError(t, err, `zoo.cfg:2: "hello" is no setting; write KEY=VALUE`)
	_, err = zoocfg.ReadFile("/none/zoo.cfg")
	require.ErrorContains(t, err, "/none/zoo.cfg")
}

func TestCertificates(t *testing.T) {
	a, err := testcert.New()
	require.NoError(t, err)
	both, err := a.IssuePEM("server")
	require.NoError(t, err)
	dir := t.TempDir()
	key, trust := filepath.Join(dir, "server.pem"), filepath.Join(dir, "ca.pem")
	require.NoError(t, os.WriteFile(key, both, 0o600))
	require.NoError(t, os.WriteFile(trust, a.PEM(), 0o600))
	secure := "dataDir=/d\nsecureClientPort=1\nssl.keyStore.location=" + key + "\n"
	cfg, _, err := build(t, secure+"ssl.trustStore.location="+trust+"\nsslQuorum=true\nssl.quorum.keyStore.location="+key+"\nssl.quorum.trustStore.location="+trust+"\n")
	require.NoError(t, err)
	require.Equal(t, tls.RequireAndVerifyClientCert, cfg.ClientTLS.ClientAuth, "unless it is said otherwise")
	require.NotNil(t, cfg.PeerTLS.RootCAs)
	_, _, err = build(t, secure)
	require.ErrorContains(t, err, "zoo.cfg:3: ssl.keyStore.location="+key+": without a trustStore.location nobody's certificate can be verified")
	cfg, _, err = build(t, secure+"ssl.clientAuth=none\n")
	require.NoError(t, err)
	require.Equal(t, tls.NoClientCert, cfg.ClientTLS.ClientAuth)
	_, _, err = build(t, secure+"ssl.trustStore.location="+key+"x\n")
	require.ErrorContains(t, err, "zoo.cfg:4: ")
	_, _, err = build(t, secure+"ssl.clientAuth=perhaps\n")
	require.EqualError(t, err, "zoo.cfg:4: ssl.clientAuth=perhaps: it must be need, want or none")
}
