#!/bin/sh
# Builds the clients that Debian does not have, and the conformance suite of the specification, from their Go modules, and
# installs the one that is a Python library.
# Builds the clients that Debian does not have, and the conformance suite of the specification, from their Go modules (one
# from Python packages).
#
#   PATH=$PATH:$(test/tools/install-clients.sh [DIRECTORY])
#
# Default: ~/.cache/envarium-tools. Needs a Go tool chain. Does nothing for what is there. A client that cannot be built is
# named on standard error, and its tests say loudly that they were skipped.
set -u

directory=${1:-"${XDG_CACHE_HOME:-$HOME/.cache}/envarium-tools"}
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
command -v go >/dev/null || { echo "$0: needs go (https://go.dev/dl)" >&2; exit 1; }

build() { # name of the binary, module of it
  [ -x "$directory/$1" ] || GOBIN=$directory go install "$2" >&2 || echo "NOT BUILT: $1 ($2)" >&2
}

# The versions that the tests were written against.
build conformance github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111
build crane github.com/google/go-containerregistry/cmd/crane@v0.20.6
build oras oras.land/oras/cmd/oras@v1.2.3
build regctl github.com/regclient/regclient/cmd/regctl@v0.9.2
build cosign github.com/sigstore/cosign/v2/cmd/cosign@v2.6.1

# Another implementation of DSSE. It is a Python library: a virtual environment of its own, and a Python that has it.
securesystemslib() { # version
  python=$directory/python-securesystemslib
  [ -x "$python" ] && return
  venv=$directory/securesystemslib
  if python3 -m venv "$venv" >&2 && "$venv/bin/pip" install --quiet "securesystemslib[crypto]==$1" >&2; then
    printf '#!/bin/sh\nexec "%s/bin/python" "$@"\n' "$venv" > "$python"
    chmod 755 "$python"
  else
    echo "NOT BUILT: securesystemslib $1" >&2
  fi
}
securesystemslib 1.3.0
# Carries the schemas of Kubernetes itself; a Python program.
if [ ! -x "$directory/kubernetes-validate" ]; then
  { python3 -m venv "$directory/kubernetes-validate-venv" \
    && "$directory/kubernetes-validate-venv/bin/pip" install --quiet kubernetes-validate==1.34.1 \
    && ln -sf kubernetes-validate-venv/bin/kubernetes-validate "$directory/kubernetes-validate"; } >&2 \
    || echo "NOT BUILT: kubernetes-validate" >&2
fi
# The libraries of CycloneDX and SPDX themselves, with their schemas: one virtual environment, and a Python that has them.
if [ ! -x "$directory/python-sbom" ]; then
  if python3 -m venv "$directory/sbom-venv" >&2 \
    && "$directory/sbom-venv/bin/pip" install --quiet 'cyclonedx-python-lib[json-validation]==11.12.0' 'spdx-tools==0.8.5' >&2; then
    printf '#!/bin/sh\nexec "%s/sbom-venv/bin/python" "$@"\n' "$directory" > "$directory/python-sbom"
    chmod 755 "$directory/python-sbom"
  else
    echo "NOT BUILT: python-sbom" >&2
  fi
fi
echo "$directory"
