#!/usr/bin/env bash
# Installs what the real servers need, once: Java, Maven, PostgreSQL and MariaDB as Debian packages where they are
# absent, and the pinned jars of maven/*/pom.xml into the cache folder. Running it again changes nothing.
#
#   integration/stack/install.sh                  everything
#   integration/stack/install.sh kafka            only the named folders of maven/
#
# TIDEMARK_STACK_CACHE  the cache folder, default ~/.cache/tidemark-stack
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${TIDEMARK_STACK_CACHE:-$HOME/.cache/tidemark-stack}

say() { printf 'stack: %s\n' "$*" >&2; }

have_java() {
  command -v java >/dev/null || return 1
  local major
  major=$(java -version 2>&1 | sed -nE 's/.*version "([0-9]+).*/\1/p' | head -n 1)
  [ "${major:-0}" -ge 17 ]
}

# The server's programs stand outside PATH on Debian.
have_postgres() {
  [ -x "${TIDEMARK_POSTGRES_BIN:-}/initdb" ] || command -v initdb >/dev/null ||
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

have_mariadb() {
  [ -n "${TIDEMARK_MARIADB_HOME:-}" ] || [ -x /usr/sbin/mariadbd ] || command -v mariadbd >/dev/null
}

# apt_install installs packages, or says which ones a person has to install.
apt_install() {
  local root=()
  if ! command -v apt-get >/dev/null; then
    say "please install by hand: $* (this machine has no apt-get)"
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      say "please run: sudo apt-get install --no-install-recommends $*"
      exit 1
    fi
    root=(sudo -n)
  fi
  say "installing $*"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >&2
}

packages=()
have_java || packages+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || packages+=(maven)
if ! have_postgres; then
  if apt-cache show postgresql-15 >/dev/null 2>&1; then packages+=(postgresql-15); else packages+=(postgresql); fi
fi
# The core package has the server and starts nothing.
have_mariadb || packages+=(mariadb-server-core)
if [ "${#packages[@]}" -gt 0 ]; then apt_install "${packages[@]}"; fi

# The folder's name carries its pom's checksum: a changed pom is another folder, and one that is
# there is whole, since it gets its name only when every jar has arrived.
install_jars() {
  local name=$1 pom="$here/maven/$1/pom.xml" target part
  target="$cache/$name-$(sha256sum "$pom" | cut -c1-12)"
  if [ -d "$target" ]; then return; fi
  say "fetching the jars of $name"
  mkdir -p "$cache"
  part=$(mktemp -d "$cache/.$name-XXXXXX")
  chmod 755 "$part"
  if ! mvn -q -B -ntp -f "$pom" dependency:copy-dependencies -DoutputDirectory="$part" </dev/null >&2; then
    rm -rf "$part"
    say "maven could not fetch the jars of $name"
    exit 1
  fi
  local archive
  for archive in "$part"/*.tar.gz; do
    if [ -e "$archive" ]; then tar -xzf "$archive" -C "$part" && rm "$archive"; fi
  done
  # Two installs at once: the first one's folder stands, and the second's copy goes.
  mv -T "$part" "$target" 2>/dev/null || rm -rf "$part"
}

if [ "$#" -eq 0 ]; then
  for pom in "$here"/maven/*/pom.xml; do set -- "$@" "$(basename "$(dirname "$pom")")"; done
fi
for name in "$@"; do install_jars "$name"; done
say "ready in $cache"
