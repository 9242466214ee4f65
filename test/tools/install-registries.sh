#!/bin/sh
# Builds the registries that the benchmark compares with from their Go modules, those that can be had.
#
#   test/tools/install-registries.sh [DIRECTORY]
#
# Default: $ENVARIUM_TOOLS_DIR, else /opt/envarium-tools, where the benchmark looks. Needs a Go tool chain. Does nothing for what is there.
set -u

directory=${1:-"${ENVARIUM_TOOLS_DIR:-/opt/envarium-tools}"}
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
command -v go >/dev/null || { echo "$0: needs go (https://go.dev/dl)" >&2; exit 1; }

build() { # name of the binary, then what to build
  name=$1
  shift
  [ -x "$directory/$name" ] && { echo "$directory/$name"; return; }
  if GOBIN=$directory go install "$@" >&2; then echo "$directory/$name"; else echo "NOT BUILT: $name ($*)" >&2; fi
}

# The version that was measured.
build registry github.com/distribution/distribution/v3/cmd/registry@v3.1.2
# Without its extensions, as a registry alone. Not every module proxy serves it.
build zot -tags minimal zotregistry.dev/zot/v2/cmd/zot@latest
