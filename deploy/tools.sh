# The programs that deploy/*.sh install: versions and places. Read by `source`; broker/onebox/tools.py has the same.
# promtool has no version here: each Debian release has one, and it is written down where it is unpacked.

UV_VERSION=0.13.9
KAFKA_VERSION=4.1.2
OPA_VERSION=1.22.2

CACHE="${CANDOUR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/candour}"
PROMTOOL_FOLDER="$CACHE/promtool"
PROMTOOL="$PROMTOOL_FOLDER/bin/promtool"
UV="$CACHE/uv-$UV_VERSION/bin/uv"
export UV_CACHE_DIR="$CACHE/uv-cache" UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
