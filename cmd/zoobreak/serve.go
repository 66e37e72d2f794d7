package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/server"
	"github.com/zoobreak/zoobreak/server/zoocfg"
)

// serveFlags is what the command line says.
type serveFlags struct {
	dev              bool
	data, client, id string
	admin, log       string
	servers, set     []string
}

func serveCommand() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use: "serve [FILE]", Short: "Run a server of the service on this machine", Args: cobra.MaximumNArgs(1),
		Long: "Serve runs one server, alone or as one of an ensemble, until SIGTERM or Ctrl-C. FILE is a zoo.cfg as ZooKeeper has\n" +
			"it; flags count more than what it says. When clients are served, the address for them is printed.",
		Example: "  zoobreak serve --dev\n  zoobreak serve zoo.cfg\n  zoobreak serve --data d1 --client 127.0.0.1:2181 --id 1 --server 1=127.0.0.1:2888:3888 --server 2=127.0.0.1:2889:3889 --server 3=127.0.0.1:2890:3890",
		RunE:    func(c *cobra.Command, files []string) error { return serve(c, f, files) },
	}
	c.Flags().BoolVar(&f.dev, "dev", false, "one server for development: on loopback, with all four-letter words and the admin endpoint, in a directory that goes with it unless there is --data")
	c.Flags().StringVar(&f.data, "data", "", "directory for the data (dataDir)")
	c.Flags().StringVar(&f.client, "client", "", "HOST:PORT for clients (clientPortAddress, clientPort); port 0 takes a free one")
	c.Flags().StringVar(&f.id, "id", "", "number of this server (the file myid)")
	c.Flags().StringArrayVar(&f.servers, "server", nil, "N=HOST:QUORUMPORT:ELECTIONPORT, once for each server of the ensemble (server.N)")
	c.Flags().StringArrayVar(&f.set, "set", nil, "KEY=VALUE, any setting of a zoo.cfg")
	c.Flags().StringVar(&f.admin, "admin", "", "HOST:PORT for metrics and commands over HTTP (admin.serverAddress, admin.serverPort); without it there are none")
	c.Flags().StringVar(&f.log, "log", "text", "what is logged on standard error: text, json or none")
	return c
}

// settings are those of the file, then those of the flags.
func (f *serveFlags) settings(files []string) (all []zoocfg.Setting, err error) {
	add := func(where, key, value string) {
		all = append(all, zoocfg.Setting{Key: key, Value: value, Where: where})
	}
	if f.dev {
		add("--dev", "clientPortAddress", "127.0.0.1")
		add("--dev", "clientPort", "2181")
		add("--dev", "4lw.commands.whitelist", "*")
		add("--dev", "admin.enableServer", "true")
		add("--dev", "admin.serverPort", "0")
		add("--dev", "dataDir", f.data)
	}
	for _, name := range files {
		read, err := zoocfg.ReadFile(name)
		if err != nil {
			return nil, usage("%v", err)
		}
		all = append(all, read...)
	}
	for _, s := range f.servers {
		add("--server", "server."+before(s), after(s))
	}
	for _, s := range f.set {
		if !strings.Contains(s, "=") {
			return nil, usage("--set %q is no setting; write KEY=VALUE", s)
		}
		add("--set", before(s), after(s))
	}
	if f.data != "" {
		add("--data", "dataDir", f.data)
	}
	if f.id != "" {
		add("--id", "myid", f.id)
	}
	for _, at := range []struct{ flag, value, host, port string }{
		{"--client", f.client, "clientPortAddress", "clientPort"}, {"--admin", f.admin, "admin.serverAddress", "admin.serverPort"},
	} {
		if at.value == "" {
			continue
		}
		host, port, err := net.SplitHostPort(at.value)
		if err != nil {
			return nil, usage("%s %q is no HOST:PORT", at.flag, at.value)
		}
		add(at.flag, at.host, host)
		add(at.flag, at.port, port)
		if at.flag == "--admin" {
			add(at.flag, "admin.enableServer", "true")
		}
	}
	return all, nil
}

func before(s string) string { key, _, _ := strings.Cut(s, "="); return key }
func after(s string) string  { _, value, _ := strings.Cut(s, "="); return value }

func (f *serveFlags) logger(w io.Writer) (*slog.Logger, error) {
	switch f.log {
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	case "none":
		return slog.New(slog.DiscardHandler), nil
	}
	return nil, usage("--log %q: it is text, json or none", f.log)
}

func serve(c *cobra.Command, f serveFlags, files []string) error {
	log, err := f.logger(c.ErrOrStderr())
	if err != nil {
		return err
	}
	if f.dev && f.data == "" {
		if f.data, err = os.MkdirTemp("", "zoobreak-dev-"); err != nil {
			return internal(err)
		}
		defer os.RemoveAll(f.data)
	}
	settings, err := f.settings(files)
	if err != nil {
		return err
	}
	cfg, warnings, err := zoocfg.Build(settings)
	if err != nil {
		return usage("%v", err)
	}
	for _, w := range warnings {
		log.Warn(w)
	}
	cfg.Log = log
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return serveUntil(ctx, c, cfg)
}

func serveUntil(ctx context.Context, c *cobra.Command, cfg server.Config) error {
	s, err := server.Start(cfg)
	if err != nil {
		return exit{exitUsage, err.Error()}
	}
	ready := s.Ready()
	for {
		select {
		case <-ready:
			ready = nil
			if err := printReady(c, s.Addrs()); err != nil {
				return internal(err)
			}
		case <-ctx.Done():
			return internal(s.Stop())
		case <-s.Done():
			return internal(s.Err())
		}
	}
}

func printReady(c *cobra.Command, at server.Addrs) error {
	if asJSON(c) {
		return printJSON(c, map[string]string{"type": "ready", "connect": at.Client, "secure": at.SecureClient, "admin": at.Admin})
	}
	connect := at.Client
	if connect == "" {
		connect = at.SecureClient
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), connect)
	return err
}
