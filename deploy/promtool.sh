# Takes promtool out of the Debian package `prometheus`, whose service is never installed. Read by `source`.
# apt checks the package against Debian's signed index; where deploy/prometheus/promtool.sha256 knows it, so do we.

fetch_promtool() {
  local making="$CACHE/making.promtool.$$" known="$PWD/deploy/prometheus/promtool.sha256" package
  mkdir -p "$making/bin" "$making/package/partial" "$making/lists/partial"
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    take_promtool_from_path "$making" && mv -T "$making" "$PROMTOOL_FOLDER" && return
    echo "promtool comes out of a Debian package, and this is no Debian: put a promtool (2.42 or later) on the PATH"
    return 1
  fi
  if ! download_package "$making/package"; then
    # No index, or one so old that the package is gone. This one is ours alone, so root is not needed.
    download_package "$making/package" update "$making/lists" || {
      echo "the package prometheus could not be fetched: connect this machine to its Debian mirror, then: make setup"
      return 1
    }
  fi
  package="$(basename "$making"/package/*.deb)"
  if grep -q "  $package\$" "$known"; then
    (cd "$making/package" && grep "  $package\$" "$known" | sha256sum --check -)
  else
    echo "$package is not in promtool.sha256: apt alone has checked it"
  fi
  dpkg-deb --extract "$making/package/$package" "$making/unpacked"
  cp "$making/unpacked/usr/bin/promtool" "$making/bin/"
  cp "$making/unpacked/usr/share/doc/prometheus/copyright" "$making/"
  (cd "$making/package" && sha256sum "$package") >"$making/package.sha256"
  "$making/bin/promtool" --version
  rm -rf "$making/package" "$making/lists" "$making/unpacked"
  rm -rf "$PROMTOOL_FOLDER"
  mv -T "$making" "$PROMTOOL_FOLDER"
}

download_package() { # download_package FOLDER [update LISTS]
  local options=(-o "Acquire::Retries=2" -o "APT::Sandbox::User=$(id -un)")
  if [ "${2:-}" = update ]; then
    options+=(-o "Dir::State::lists=$3/" -o "Dir::Cache::archives=$1/" -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=")
    apt-get "${options[@]}" --error-on=any --quiet update || return 1
  fi
  (cd "$1" && rm -f ./*.deb && apt-get "${options[@]}" --quiet download prometheus && compgen -G '*.deb' >/dev/null)
}

take_promtool_from_path() { # take_promtool_from_path FOLDER
  local found
  found="$(command -v promtool)" || return 1
  ln -s "$found" "$1/bin/promtool" && rm -rf "$1/package" "$1/lists"
}
