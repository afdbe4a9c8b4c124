#!/usr/bin/env bash
# Fetches a schema registry into the cache, for the tests of `candour schema publish` alone: Apicurio Registry, which
# speaks Confluent's protocol. An exchange needs none. 2.6 is the last line that runs on Java 17.
# Made beside its place and moved there when whole; a second run downloads nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
source deploy/tools.sh

REGISTRY="$CACHE/registry-$REGISTRY_VERSION"
[ -d "$REGISTRY" ] && exit
mkdir -p "$CACHE"
exec 9>"$CACHE/registry.lock"
flock 9
[ -d "$REGISTRY" ] && exit

MAKING="$CACHE/making.registry.$$"
trap 'rm -rf "$MAKING"' EXIT
mkdir -p "$MAKING/unpacked"
echo "schema registry $REGISTRY_VERSION: fetching (142 MB, for tests)"
mvn --batch-mode --no-transfer-progress --strict-checksums --quiet -Dstyle.color=never \
  org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
  -Dartifact="io.apicurio:apicurio-registry-app:$REGISTRY_VERSION:tar.gz:all" -DoutputDirectory="$MAKING"
# Maven's checksum comes from where the file comes from; this one comes from this repository.
(cd "$MAKING" && echo "$REGISTRY_SHA256  apicurio-registry-app-$REGISTRY_VERSION-all.tar.gz" | sha256sum --check --quiet -)
tar --extract --gzip --file "$MAKING/apicurio-registry-app-$REGISTRY_VERSION-all.tar.gz" --directory "$MAKING/unpacked"
mv -T "$MAKING/unpacked" "$REGISTRY"
