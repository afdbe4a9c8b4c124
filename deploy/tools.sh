# The programs that deploy/*.sh install: versions and places. Read by `source`; broker/onebox/tools.py has the same.
# promtool has no version here: each Debian release has one, and it is written down where it is unpacked.

UV_VERSION=0.13.9
KAFKA_VERSION=4.1.2
OPA_VERSION=1.22.2
# For tests only (deploy/registry.sh).
REGISTRY_VERSION=2.6.13.Final
REGISTRY_SHA256=3cda1b34aa020fb4ac4dd6a66018d757e81e437f97e20a1f92d366b70091c6ba

CACHE="${CANDOUR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/candour}"
PROMTOOL_FOLDER="$CACHE/promtool"
PROMTOOL="$PROMTOOL_FOLDER/bin/promtool"
UV="$CACHE/uv-$UV_VERSION/bin/uv"
export UV_CACHE_DIR="$CACHE/uv-cache" UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
