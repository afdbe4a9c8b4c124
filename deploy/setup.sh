#!/usr/bin/env bash
# Installs all that Candour needs on a fresh Debian machine, without Docker and without root:
#   in a cache outside the checkout   uv, Apache Kafka's libraries, Open Policy Agent, promtool
#   in the checkout                   .venv, exactly as requirements.lock says
# Each download is made beside its place and moved there when whole, so an interrupted run leaves nothing half done
# and a second run downloads nothing. Exit 2: something has to be installed first; it says what, and how.
set -euo pipefail
cd "$(dirname "$0")/.."
source deploy/tools.sh
source deploy/promtool.sh

EXIT_USAGE=2
KAFKA="$CACHE/kafka-$KAFKA_VERSION"
OPA="$CACHE/opa-$OPA_VERSION"
LOGS="$CACHE/logs"

say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

# --- what has to be there before --------------------------------------------------------------------------------

at_least() { # at_least 1.21 1.26.8
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

find_java() {
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then echo "$JAVA_HOME/bin/java"; else command -v java; fi
}

java_major() {
  local java
  java="$(find_java)" || { echo 0; return; }
  "$java" -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p' | head -n 1
}

go_version() {
  if command -v go >/dev/null; then go env GOVERSION | sed 's/^go//; s/[^0-9.].*//'; else echo 0; fi
}

check_prerequisites() {
  local missing=() packages=() java go
  PYTHON="$(find_python)"
  if [ -z "$PYTHON" ]; then
    missing+=("Python 3.11 or later"); packages+=(python3 python3-venv)
  elif [ ! -x "$UV" ] && ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    missing+=("Python's venv module"); packages+=(python3-venv)
  fi
  java="$(java_major)"
  if [ "${java:-0}" -lt 17 ]; then
    missing+=("Java 17 or later (found: ${java:-none})"); packages+=(openjdk-17-jdk-headless)
  fi
  if [ ! -d "$KAFKA" ] && ! command -v mvn >/dev/null; then
    missing+=("Maven"); packages+=(maven)
  fi
  if [ ! -x "$OPA/bin/opa" ]; then
    go="$(go_version)"
    at_least 1.21 "$go" || { missing+=("Go 1.21 or later (found: $go)"); packages+=(golang-go); }
  fi
  [ ${#missing[@]} -eq 0 ] && return
  printf 'candour: %s is missing or too old\n' "${missing[@]}" >&2
  printf 'candour: install with: sudo apt-get update && sudo apt-get install -y %s\n' "${packages[*]}" >&2
  printf 'candour: where that release of Debian has an older one, add: -t <release>-backports\n' >&2
  exit $EXIT_USAGE
}

# --- downloads --------------------------------------------------------------------------------------------------

fetch_uv() {
  [ -x "$UV" ] && return
  say "uv $UV_VERSION: fetching"
  local making="$CACHE/making.uv.$$"
  "$PYTHON" -m venv "$making"
  "$making/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    --requirement deploy/uv.lock.txt
  mv -T "$making" "$CACHE/uv-$UV_VERSION"
}

fetch_kafka() {
  local making="$CACHE/making.kafka.$$"
  mvn --batch-mode --no-transfer-progress --strict-checksums --quiet --file deploy/kafka/pom.xml \
    dependency:copy-dependencies -DoutputDirectory="$making/libs"
  # Maven's checksums come from where the files come from; these come from this repository.
  diff <(cd "$making/libs" && sha256sum -- *.jar) deploy/kafka/libs.sha256
  mv -T "$making" "$KAFKA"
}

fetch_opa() {
  local making="$CACHE/making.opa.$$"
  # Without cgo it needs no C compiler; a Go too old for this OPA fetches the right toolchain by itself.
  CGO_ENABLED=0 GOTOOLCHAIN="${GOTOOLCHAIN:-auto}" GOBIN="$making/bin" GOFLAGS=-trimpath \
    go install "github.com/open-policy-agent/opa@v$OPA_VERSION"
  "$making/bin/opa" version
  mv -T "$making" "$OPA"
}

install_python() {
  local wanted
  wanted="$({ "$PYTHON" -VV; pwd; cat requirements.lock pyproject.toml; } | sha256sum)"
  [ -f .venv/.candour-setup ] && [ "$(<.venv/.candour-setup)" = "$wanted" ] && return
  say "Python packages: installing what requirements.lock names into .venv"
  [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || "$UV" venv --quiet --clear --python "$PYTHON" .venv
  # What the cache holds is not asked for again, in this checkout or another.
  local sync=("$UV" pip sync --quiet --require-hashes --python .venv/bin/python requirements.lock)
  "${sync[@]}" --offline 2>/dev/null || "${sync[@]}"
  "$UV" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
  echo "$wanted" >.venv/.candour-setup
}

# --- two at a time, with progress -------------------------------------------------------------------------------

declare -A JOBS=()

begin() { # begin NAME FUNCTION
  say "$1: fetching"
  "$2" >"$LOGS/$2.log" 2>&1 &
  JOBS[$1]="$! $2"
}

finish() {
  local name pid function shown=$SECONDS
  while [ ${#JOBS[@]} -gt 0 ]; do
    for name in "${!JOBS[@]}"; do
      read -r pid function <<<"${JOBS[$name]}"
      kill -0 "$pid" 2>/dev/null && continue
      unset "JOBS[$name]"
      if ! wait "$pid"; then
        [ "$function" = fetch_promtool ] && { without_promtool; continue; }
        tail -n 20 "$LOGS/$function.log" >&2
        echo "candour: $name could not be fetched; all it said is in $LOGS/$function.log" >&2
        exit 1
      fi
      say "$name: done"
    done
    if [ $((SECONDS - shown)) -ge 10 ] && [ ${#JOBS[@]} -gt 0 ]; then
      shown=$SECONDS
      say "still on: ${!JOBS[*]} (OPA is compiled here: about two minutes)"
    fi
    sleep 0.2
  done
}

without_promtool() { # an exchange runs without it; only the tests of the alert rules do not
  tail -n 3 "$LOGS/fetch_promtool.log" >&2
  say "promtool: not there, so \`make test\` will fail on the alert rules; all it said is in $LOGS/fetch_promtool.log"
}

clean_up() {
  local job
  for job in "${JOBS[@]}"; do kill "${job%% *}" 2>/dev/null || true; done
  rm -rf "$CACHE"/making.*."$$"
}

main() {
  check_prerequisites
  mkdir -p "$LOGS"
  # One set-up at a time in one cache; the next then finds everything there.
  exec 9>"$CACHE/lock"
  flock --nonblock 9 || { say "waiting for another set-up to finish"; flock 9; }
  trap clean_up EXIT
  [ -x "$OPA/bin/opa" ] || begin "OPA $OPA_VERSION" fetch_opa
  [ -d "$KAFKA" ] || begin "Kafka $KAFKA_VERSION" fetch_kafka
  [ -x "$PROMTOOL" ] || begin promtool fetch_promtool
  fetch_uv
  install_python
  finish
  if [ "$SECONDS" -gt 2 ]; then say "ready"; fi
}

main
