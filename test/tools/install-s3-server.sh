#!/bin/sh
# Builds an S3 server for the tests from its Go module and prints the path of the binary.
#
#   export ENVARIUM_TEST_S3_SERVER=$(test/tools/install-s3-server.sh [DIRECTORY] [minio|versitygw])
#
# The tests run against every server of the list, whose paths are separated by colons.
# Default: minio in ~/.cache/envarium-tools. Needs a Go tool chain. Does nothing when the binary is there.
set -eu

directory=${1:-"${XDG_CACHE_HOME:-$HOME/.cache}/envarium-tools"}
server=${2:-minio}

case $server in
  # The versions that the contract suite was run against. No later MinIO will come: its repository is no longer maintained.
  minio) module=github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c ;;
  versitygw) module=github.com/versity/versitygw/cmd/versitygw@v1.8.0 ;;
  *) echo "usage: $0 [DIRECTORY] [minio|versitygw]" >&2; exit 2 ;;
esac

mkdir -p "$directory"
directory=$(cd "$directory" && pwd)

if [ ! -x "$directory/$server" ]; then
  command -v go >/dev/null || { echo "$0: needs go (https://go.dev/dl)" >&2; exit 1; }
  GOBIN=$directory go install "$module" >&2
fi
echo "$directory/$server"
