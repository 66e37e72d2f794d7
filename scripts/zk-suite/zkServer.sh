#!/usr/bin/env bash
# What go-zookeeper/zk's own tests start in place of a ZooKeeper: zkServer.sh start-foreground
# CONFIG. It becomes the server, because the tests kill the process that they started. The
# binary is $ZOOBREAK. System properties in $SERVER_JVMFLAGS are settings.
set -eu
[ "$#" = 2 ] && [ "$1" = start-foreground ] || { echo "usage: zkServer.sh start-foreground CONFIG" >&2; exit 64; }
args=()
for flag in ${SERVER_JVMFLAGS:-}; do
  case $flag in -D*=*) args+=(--set "${flag#-D}") ;; esac
done
exec "$ZOOBREAK" serve "$2" "${args[@]}"
