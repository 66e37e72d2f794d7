package zoocfg

import (
	"strconv"
	"strings"
	"time"

	"github.com/zoobreak/zoobreak/server/status"
)

// keys is every setting that has an effect.
var keys = map[string]func(*builder, Setting) error{
	"dataDir":                   text(func(b *builder) *string { return &b.cfg.Dir }),
	"tickTime":                  millis(func(b *builder) *time.Duration { return &b.cfg.Tick }, 1),
	"minSessionTimeout":         millis(func(b *builder) *time.Duration { return &b.cfg.MinSession }, -1),
	"maxSessionTimeout":         millis(func(b *builder) *time.Duration { return &b.cfg.MaxSession }, -1),
	"initLimit":                 number(func(b *builder) *int { return &b.cfg.InitLimit }, 1),
	"syncLimit":                 number(func(b *builder) *int { return &b.cfg.SyncLimit }, 1),
	"snapCount":                 number(func(b *builder) *int { return &b.cfg.SnapEvery }, 2),
	"preAllocSize":              number(func(b *builder) *int { return &b.cfg.PreallocKiB }, 1),
	"autopurge.snapRetainCount": number(func(b *builder) *int { return &b.cfg.KeepSnapshots }, 3),
	"jute.maxbuffer":            number(func(b *builder) *int { return &b.cfg.MaxFrame }, 1024),
	"maxClientCnxns":            limit(func(b *builder) *int { return &b.cfg.PerAddress }),
	"maxCnxns":                  limit(func(b *builder) *int { return &b.cfg.Total }),
	"globalOutstandingLimit":    limit(func(b *builder) *int { return &b.cfg.Outstanding }),

	"extendedTypesEnabled":            yes(func(b *builder) *bool { return &b.cfg.ExtendedTypes }),
	"enforceQuota":                    yes(func(b *builder) *bool { return &b.cfg.EnforceQuota }),
	"skipACL":                         yes(func(b *builder) *bool { return &b.cfg.SkipACL }),
	"reconfigEnabled":                 yes(func(b *builder) *bool { return &b.cfg.ReconfigEnabled }),
	"znode.container.checkIntervalMs": millis(func(b *builder) *time.Duration { return &b.cfg.ContainerCheck }, 1),
	"superDigest":                     superDigest,
	"DigestAuthenticationProvider.superDigest": superDigest,

	"clientPort":              whole(func(b *builder) *Setting { return &b.client }),
	"clientPortAddress":       whole(func(b *builder) *Setting { return &b.clientHost }),
	"secureClientPort":        whole(func(b *builder) *Setting { return &b.secure }),
	"secureClientPortAddress": whole(func(b *builder) *Setting { return &b.secureHost }),
	"quorumListenOnAllIPs":    yes(func(b *builder) *bool { return &b.cfg.AllAddresses }),
	"admin.enableServer":      yes(func(b *builder) *bool { return &b.adminOn }),
	"admin.serverPort":        whole(func(b *builder) *Setting { return &b.adminPort }),
	"admin.serverAddress":     whole(func(b *builder) *Setting { return &b.adminHost }),
	"myid":                    whole(func(b *builder) *Setting { return &b.id }),
	"4lw.commands.whitelist":  whitelist,

	"sslQuorum":                      yes(func(b *builder) *bool { return &b.sslQuorum }),
	"ssl.keyStore.location":          whole(func(b *builder) *Setting { return &b.client509.key }),
	"ssl.trustStore.location":        whole(func(b *builder) *Setting { return &b.client509.trust }),
	"ssl.clientAuth":                 whole(func(b *builder) *Setting { return &b.client509.auth }),
	"ssl.keyStore.type":              pemOnly,
	"ssl.trustStore.type":            pemOnly,
	"ssl.quorum.keyStore.location":   whole(func(b *builder) *Setting { return &b.quorum509.key }),
	"ssl.quorum.trustStore.location": whole(func(b *builder) *Setting { return &b.quorum509.trust }),
	"ssl.quorum.clientAuth":          whole(func(b *builder) *Setting { return &b.quorum509.auth }),
	"ssl.quorum.keyStore.type":       pemOnly,
	"ssl.quorum.trustStore.type":     pemOnly,
}

func whole(at func(*builder) *Setting) func(*builder, Setting) error {
	return func(b *builder, s Setting) error {
		*at(b) = s
		return nil
	}
}

func text(at func(*builder) *string) func(*builder, Setting) error {
	return func(b *builder, s Setting) error {
		if *at(b) = s.Value; s.Value == "" {
			return s.wrong("it must not be empty")
		}
		return nil
	}
}

func number(at func(*builder) *int, least int) func(*builder, Setting) error {
	return func(b *builder, s Setting) error {
		n, err := strconv.ParseInt(s.Value, 0, 32)
		if err != nil || int(n) < least {
			return s.wrong("it must be a number, and at least %d", least)
		}
		*at(b) = int(n)
		return nil
	}
}

// limit reads a number of which 0 is no limit.
func limit(at func(*builder) *int) func(*builder, Setting) error {
	return func(b *builder, s Setting) error {
		err := number(at, 0)(b, s)
		if err == nil && *at(b) == 0 {
			*at(b) = -1
		}
		return err
	}
}

// millis reads milliseconds. Where the least is -1, that means the default.
func millis(at func(*builder) *time.Duration, least int) func(*builder, Setting) error {
	return func(b *builder, s Setting) error {
		var n int
		if err := number(func(*builder) *int { return &n }, least)(b, s); err != nil {
			return err
		}
		*at(b) = time.Duration(max(n, 0)) * time.Millisecond
		return nil
	}
}

func yes(at func(*builder) *bool) func(*builder, Setting) error {
	return func(b *builder, s Setting) error {
		switch strings.ToLower(s.Value) {
		case "true", "yes":
			*at(b) = true
		case "false", "no":
			*at(b) = false
		default:
			return s.wrong("it must be true or false")
		}
		return nil
	}
}

func superDigest(b *builder, s Setting) error {
	if !strings.HasPrefix(s.Value, "super:") {
		return s.wrong("it must be super: and a hash")
	}
	b.cfg.SuperDigest = s.Value
	return nil
}

func whitelist(b *builder, s Setting) error {
	b.cfg.Words = []string{}
	for _, w := range strings.Split(s.Value, ",") {
		switch w = strings.TrimSpace(w); {
		case w == "":
		case w == "*" || status.Known(w):
			b.cfg.Words = append(b.cfg.Words, w)
		default:
			b.warnings = append(b.warnings, s.Where+": "+s.Key+": there is no four-letter word "+w)
		}
	}
	return nil
}

// effectless is every setting that a ZooKeeper has and this server takes without doing
// anything: an empty text if nobody will miss it, else what is said.
var effectless = map[string]string{
	"dynamicConfigFile": "", // ReadFile follows it
	"serverCnxnFactory": "", "standaloneEnabled": "", "clientPortListenBacklog": "",
	"autopurge.purgeInterval":  "", // old snapshots and logs are always deleted
	"ssl.hostnameVerification": nameOfServer, "ssl.quorum.hostnameVerification": nameOfServer,
	"dataLogDir":                    "log and snapshots are both in the dataDir",
	"forceSync":                     "what is acknowledged is always synced first",
	"peerType":                      "the role is part of the server's line",
	"localSessionsEnabled":          "there are no local sessions yet",
	"localSessionsUpgradingEnabled": "there are no local sessions yet",
	"readonlymode.enabled":          "there is no read-only mode yet",
	"emulate353TTLNodes":            "", // is about files of an older ZooKeeper
}

// nameOfServer is said of hostname verification, on or off: half of it cannot be had.
const nameOfServer = "who connects verifies the name of the server that it reaches, always; a server does not verify names of who connects"

// without says what is said of a setting without effect; known is false if it is none.
func without(s Setting) (why string, known bool) {
	why, known = effectless[s.Key]
	harmless := s.Key == "forceSync" && s.Value == "yes" || s.Key == "peerType" && s.Value == "participant" || strings.EqualFold(s.Value, "false") && why != nameOfServer
	if harmless {
		why = ""
	}
	return why, known
}
