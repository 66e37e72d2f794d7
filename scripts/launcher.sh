#!/usr/bin/env bash
# Starts `zoobreak serve` for harnesses that start servers by
#
#   launcher.sh --data DIR --client HOST:PORT --id N [--peer N=HOST:QPORT:EPORT[:ROLE]]... [--opt KEY=VALUE]...
#
# and becomes it: its pid is the server's. The binary is $ZOOBREAK, or bin/zoobreak of this
# repository, which is built if it is not there. Settings that it does not know are ignored.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
bin=${ZOOBREAK:-$root/bin/zoobreak}
[ -x "$bin" ] || (cd "$root" && go build -o "$bin" ./cmd/zoobreak)

# As a test server, unless the harness says otherwise: every word is answered, nobody is refused.
args=(--set '4lw.commands.whitelist=*' --set maxClientCnxns=0)
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || { echo "launcher.sh: $1 has no value" >&2; exit 64; }
  case $1 in
    --data|--client|--id) args+=("$1" "$2") ;;
    --peer) args+=(--server "$2") ;;
    --opt) args+=(--set "$2") ;;
    *) echo "launcher.sh: unknown argument $1" >&2; exit 64 ;;
  esac
  shift 2
done
exec "$bin" serve "${args[@]}"
