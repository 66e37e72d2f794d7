package zoocfg

import (
	"crypto/tls"
	"crypto/x509"
	"os"
)

// certificates is what is said about the certificates of one kind of connection. Files are
// in PEM: ZooKeeper's ssl.keyStore.type=PEM, with certificate and key in one file.
type certificates struct{ key, trust, auth Setting }

func pemOnly(_ *builder, s Setting) error {
	if s.Value != "PEM" {
		return s.wrong("only PEM files can be read here: certificate and key in one file")
	}
	return nil
}

func (b *builder) certificates() (err error) {
	if b.secure.Value != "" {
		if b.cfg.ClientTLS, err = b.client509.load(b.secure); err != nil {
			return err
		}
	}
	if b.sslQuorum {
		b.cfg.PeerTLS, err = b.quorum509.load(Setting{"sslQuorum", "true", b.quorum509.key.Where})
	}
	return err
}

var clientAuth = map[string]tls.ClientAuthType{
	"": tls.RequireAndVerifyClientCert, "need": tls.RequireAndVerifyClientCert, "want": tls.VerifyClientCertIfGiven, "none": tls.NoClientCert,
}

// load reads the files. Whoever connects must show a certificate unless it is said that
// it need not.
func (c certificates) load(why Setting) (*tls.Config, error) {
	if c.key.Value == "" {
		return nil, why.wrong("ssl.keyStore.location (for servers ssl.quorum.keyStore.location) must name a PEM file with certificate and key")
	}
	pair, err := tls.LoadX509KeyPair(c.key.Value, c.key.Value)
	if err != nil {
		return nil, c.key.wrong("%v", err)
	}
	auth, ok := clientAuth[c.auth.Value]
	if !ok {
		return nil, c.auth.wrong("it must be need, want or none")
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: auth, MinVersion: tls.VersionTLS12}
	if c.trust.Value == "" {
		if auth != tls.NoClientCert {
			return nil, c.key.wrong("without a trustStore.location nobody's certificate can be verified; name one, or say clientAuth=none")
		}
		return cfg, nil
	}
	pem, err := os.ReadFile(c.trust.Value)
	if err != nil {
		return nil, c.trust.wrong("%v", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, c.trust.wrong("there is no certificate in it")
	}
	cfg.ClientCAs, cfg.RootCAs = pool, pool
	return cfg, nil
}
