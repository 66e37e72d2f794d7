# Every target is one plain command, shown by `make` alone; nothing here is needed to
# work on the project without make.

# What has goroutines, or calls what has.
RACE_PACKAGES = $(patsubst %,./%/...,$(wildcard checkers clock cmd disk net node scenarios server sim workloads zootest))
BENCH_PACKAGES = $(shell grep -rl --include='*_test.go' '^func Benchmark' . | xargs -r -n 1 dirname | sort -u)

# Compiled and vetted, never run here.
CROSS = linux/arm64 darwin/arm64 windows/amd64

# The oldest release of Go that the module is for, see go.mod. The go command fetches it from
# the module proxy.
OLDER = go1.25.8

# Other builds, which must give the digests that this one gives.
BUILDS = bin/zoobreak-$(OLDER) bin/zoobreak-arm64

# One plan in 500 processes, on one processor and on two: an exact scenario runs alike in all.
SOAK = go test -count=1 -timeout=30m -run=TestServersRunAlikeInEveryProcess ./scenarios -soak.repeats=500

# go-zookeeper/zk's own tests, from its module, on servers of ours.
ZK_SUITE = ZOOBREAK=$(CURDIR)/bin/zoobreak ZOOKEEPER_BIN_PATH=$(CURDIR)/scripts/zk-suite ZK_VERSION=3.8.0 go test -count=1 -timeout=20m -v github.com/go-zookeeper/zk

.PHONY: zk-suite help build test check bench race soak soak-builds $(BUILDS)

help:
	@echo 'make build   go build ./...'
	@echo 'make test    go test ./...'
	@echo 'make check   gofmt -l . && go vet ./... && go test -count=1 ./internal/tidy; go vet also for $(CROSS), and by $(OLDER)'
	@echo 'make bench   go test -run "^$$" -bench . -benchmem ./...'
	@echo 'make race    go test -race -short $(RACE_PACKAGES)'
	@echo 'make soak    $(SOAK); doctor over 10000 seeds; then make soak-builds'
	@echo 'make zk-suite   the tests of github.com/go-zookeeper/zk, on servers of ours'
	@echo 'make soak-builds   go test -short by $(OLDER); doctor over 300 seeds: race detector, $(OLDER), and arm64 in qemu-aarch64 (apt-get install qemu-user)'

build:
	go build ./...

test:
	go test ./...

check:
	@unformatted=$$(gofmt -l .) || exit 1; if [ -n "$$unformatted" ]; then echo "not gofmt-clean: run gofmt -w on"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	for p in $(CROSS); do GOOS=$${p%/*} GOARCH=$${p#*/} go vet ./... || exit 1; done
	GOTOOLCHAIN=$(OLDER) go vet ./...
	go test -count=1 ./internal/tidy

bench:
	go test -run '^$$' -bench . -benchmem $(BENCH_PACKAGES)

race:
	go test -race -short $(RACE_PACKAGES)

zk-suite:
	go build -o bin/zoobreak ./cmd/zoobreak
	$(ZK_SUITE)

soak:
	$(SOAK)
	go run ./cmd/zoobreak doctor --seeds 1..10000
	$(MAKE) soak-builds

# The same digests in every build. Exact scenarios only: guests promise none.
soak-builds: $(BUILDS)
	GOTOOLCHAIN=$(OLDER) go test -short ./...
	go run ./cmd/zoobreak doctor --race --against bin/zoobreak-$(OLDER) --against 'qemu-aarch64 bin/zoobreak-arm64' --seeds 1..300

bin/zoobreak-$(OLDER):
	GOTOOLCHAIN=$(OLDER) go build -o $@ ./cmd/zoobreak

bin/zoobreak-arm64:
	GOOS=linux GOARCH=arm64 go build -o $@ ./cmd/zoobreak
