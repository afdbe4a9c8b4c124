#!/usr/bin/env bash
# Writes requirements.lock and deploy/uv.lock.txt: every version and every file's hash, for every platform.
set -euo pipefail
cd "$(dirname "$0")/.."
source deploy/tools.sh

compile() {
  "$UV" pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
    --no-emit-index-url --no-emit-find-links "$@"
}

compile "$@" --extra broker --extra dev pyproject.toml --output-file requirements.lock
echo "uv==$UV_VERSION" | compile "$@" --no-annotate - --output-file deploy/uv.lock.txt
