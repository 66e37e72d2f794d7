package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/zoobreak/zoobreak/server/status"
)

// admin serves metrics and commands over HTTP. It asks the server's thread for everything.
type admin struct {
	http     *http.Server
	listener net.Listener
}

// requestLimit bounds what somebody who connects can keep busy.
const requestLimit = 5 * time.Second

func (s *Server) openAdmin() error {
	if s.cfg.Admin == "" {
		return nil
	}
	l, err := net.Listen("tcp", s.cfg.Admin)
	if err != nil {
		return fmt.Errorf("server: admin: %w", err)
	}
	s.addrs.Admin = l.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.serveMetrics)
	mux.HandleFunc("GET /commands", s.serveCommands)
	mux.HandleFunc("GET /commands/{name}", s.serveCommand)
	s.admin = &admin{
		http:     &http.Server{Handler: local(l.Addr(), mux), ReadTimeout: requestLimit, WriteTimeout: requestLimit, MaxHeaderBytes: 16 << 10},
		listener: l,
	}
	return nil
}

func (a *admin) serve() {
	if a != nil {
		go a.http.Serve(a.listener)
	}
}

func (a *admin) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	a.http.Shutdown(ctx)
	a.listener.Close()
}

// local refuses, on a loopback address, requests under a name: a page in a browser may
// have made its own name point here, and would read the answer.
func local(at net.Addr, next http.Handler) http.Handler {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "localhost" && net.ParseIP(host) == nil {
			http.Error(w, "this address is for the machine itself: use 127.0.0.1 or localhost", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ask makes something of a report, on the server's thread.
func ask[T any](s *Server, use func(*status.Report) T) (out T, err error) {
	if !s.box.Call(func() { out = use(s.report()) }) {
		return out, errors.New("the server is stopping")
	}
	return out, nil
}

func (s *Server) serveMetrics(w http.ResponseWriter, _ *http.Request) {
	text, err := ask(s, (*status.Report).Metrics)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	fmt.Fprint(w, text)
}

func (s *Server) serveCommands(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"commands": status.Commands()})
}

func (s *Server) serveCommand(w http.ResponseWriter, r *http.Request) {
	name, known := r.PathValue("name"), false
	m, err := ask(s, func(rep *status.Report) (m map[string]any) {
		m, known = rep.Command(name)
		return m
	})
	switch {
	case err != nil:
		answer(w, http.StatusServiceUnavailable, map[string]any{"command": name, "error": err.Error()})
	case !known:
		answer(w, http.StatusNotFound, map[string]any{"command": name, "error": "there is no such command", "commands": status.Commands()})
	default:
		answer(w, http.StatusOK, m)
	}
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.Encode(v)
}
