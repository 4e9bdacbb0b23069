# Debian packages: which are needed, which are missing, how to install them; Boost's headers for Debian 12.

# shellcheck disable=SC1091
. /etc/os-release 2>/dev/null || true
os_id=${ID:-unknown} os_version=${VERSION_ID:-0}

# Libraries that quix is built on; the README says why each.
library_packages() {
  echo libarchive-dev libyaml-cpp-dev libtomlplusplus-dev libspng-dev libjpeg62-turbo-dev libwebp-dev libxxhash-dev nettle-dev
  [ "$os_version" = 12 ] && [ "$os_id" = debian ] || echo libboost1.88-dev
}

needed_packages() {  # with Fashion-MNIST: yes|no
  echo g++ cmake ninja-build ccache mold git ca-certificates
  library_packages
  if [ "$torch_choice" = system ] || { [ "$torch_choice" = auto ] && system_torch_is_new_enough; }; then
    echo libtorch-dev libopenblas0-openmp libgloo-dev
  elif [ "$torch_choice" = pip ] || { [ "$torch_choice" = auto ] && ! have_torch; }; then
    echo python3 python3-venv
  fi
  [ "$1" = no ] || echo dataset-fashion-mnist
}

missing_packages() {
  local p
  for p in "$@"; do
    case $p in  # a tool counts as there when it runs, whoever installed it
      g++|cmake|ccache|mold|git|python3) command -v "$p" >/dev/null && continue ;;
      ninja-build) command -v ninja >/dev/null && continue ;;
      python3-venv) python3 -c 'import venv, ensurepip' 2>/dev/null && continue ;;
      libboost1.88-dev) system_boost_is_new_enough && continue ;;
    esac
    [ ! -d "$deps/root/usr/share/doc/$p" ] || continue  # from a bundle
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then sudo "$@"
  else return 126
  fi
}

# ccache and mold save time; without the right to install them one does without.
without_optional() {
  local p
  for p in "$@"; do
    case $p in ccache|mold) as_root true || continue ;; esac
    echo "$p"
  done
}

install_packages() {
  command -v apt-get >/dev/null || fail "these packages are missing: $*. This is no Debian (no apt-get): install their equivalents and run again"
  local plan size
  local lists=(-qq); export DEBIAN_FRONTEND=noninteractive
  as_root true || fail "these Debian packages are missing: $*. Install them as root:  apt-get install $*"
  say "asking apt for: $*"
  as_root apt-get update "${lists[@]}" >/dev/null 2>&1 || true
  plan=$(as_root apt-get install --assume-no --no-install-recommends "$@" 2>&1 || true)
  size=$(grep -E '^(Need to get|After this operation)' <<<"$plan" || true)
  [ -n "$size" ] || { grep -E '^E:' <<<"$plan" >&2 || true
    fail "apt cannot install: $*. Without network: make a bundle elsewhere with tools/deps --bundle DIR, then tools/deps --from DIR"; }
  while read -r line; do note "$line"; done <<<"$size"
  local hint="Without network: make a bundle elsewhere with  tools/deps --bundle DIR,  then here  tools/deps --from DIR"
  quietly "installing Debian packages" "$deps/log/apt.log" as_root apt-get install -y --no-install-recommends "$@"
}

# --- Boost ------------------------------------------------------------------------------------------

boost_number() { sed -n 's/^#define BOOST_VERSION \([0-9]*\).*/\1/p' "$1/boost/version.hpp" 2>/dev/null; }
system_boost_is_new_enough() { [ "$(boost_number /usr/include || true)" -ge 108400 ] 2>/dev/null; }
boost_include() {
  if [ -f "$deps/boost/usr/include/boost/version.hpp" ]; then echo "$deps/boost/usr/include"
  elif system_boost_is_new_enough; then echo /usr/include
  fi
}
boost_version() { local n; n=$(boost_number "$(boost_include)"); echo "$((n / 100000)).$((n / 100 % 1000))"; }

mirror() { # the machine's own Debian mirror
  { grep -hE '^deb .*debian' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | grep -v security | grep -oE '(https?|file)://[^ ]+' || true
    sed -nE 's/^URIs: *([^ ]+).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -v security | grep debian || true
  } | head -1
}

# apt with sources, lists and cache of its own, that leaves the system alone.
trixie_apt() {
  local apt=$deps/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) trixie main" >"$apt/sources.list"
  apt-get -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" \
    -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
}

boost_from_trixie() {
  [ -z "$(boost_include)" ] || return 0
  say "Boost here is older than 1.84 (PFR's field names): taking Debian 13's headers into .deps/ (12 MB, 170 MB unpacked)"
  rm -rf "$deps/boost.part"; mkdir -p "$deps/boost.part"
  ( trixie_apt update -qq && cd "$deps/boost.part" && trixie_apt download -qq libboost1.88-dev &&
    dpkg -x libboost1.88-dev_*.deb . && rm -f ./*.deb ) >"$deps/boost.log" 2>&1 ||
    { tail -5 "$deps/boost.log" >&2; fail "could not fetch libboost1.88-dev from $(mirror); any Boost >= 1.84 will do: unpack it so that $deps/boost/usr/include/boost/version.hpp exists"; }
  mv "$deps/boost.part" "$deps/boost"
}

# --- offline ----------------------------------------------------------------------------------------

# The library packages with what they depend on beyond a base system, as .deb files.
make_bundle() {
  local dir=$1 p
  mkdir -p "$dir"; dir=$(realpath "$dir")
  say "packing Debian packages into $dir"
  local all; all=$(library_packages)
  all=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances $all cmake ninja-build 2>/dev/null |
    grep -E '^[a-z0-9]' | grep -vE '^(libc6|libc6-dev|libc-bin|libc-dev-bin|libgcc-s1|libstdc\+\+6|linux-libc-dev|libcrypt[0-9].*|perl.*|libperl.*|procps|libproc.*|libdb5.*|libsystemd.*|libudev.*|libtinfo.*|libncurses.*|libpam.*|libselinux.*|debconf.*|gcc-.*-base|dpkg|tar|perl-base|coreutils|debianutils|sensible-utils|libnsl.*|libtirpc.*|rpcsvc-proto|libboost.*)$' | grep -v ':' | sort -u)
  ( cd "$dir" && for p in $all; do [ -n "$(find . -name "${p}_*.deb" -print -quit)" ] || apt-get download -qq "$p" >/dev/null 2>&1 || true; done
    if [ "$os_version" = 12 ]; then trixie_apt update -qq && trixie_apt download -qq libboost1.88-dev; else apt-get download -qq libboost1.88-dev; fi ) ||
    fail "could not fetch the packages; apt has to reach a mirror here"
  local size; size=$(du -sm "$dir" | cut -f1)
  say "$(find "$dir" -name '*.deb' | wc -l) packages, $size MiB. There:  tools/check --from DIR"
  [ "$size" -le 50 ] || fail "the bundle is larger than 50 MiB"
}

unpack_bundle() {
  local dir=$1 deb
  ls "$dir"/*.deb >/dev/null 2>&1 || fail "$dir holds no .deb files; make it with tools/deps --bundle DIR on a machine with network"
  mkdir -p "$deps/root" "$deps/boost"
  for deb in "$dir"/*.deb; do
    case $deb in
      */libboost*) dpkg -x "$deb" "$deps/boost" ;;
      *) dpkg -x "$deb" "$deps/root" ;;
    esac
  done
  # Where the system has a library itself, that one is used: a bundle must not change how other programs run.
  local library here
  while read -r library here; do
    [ ! -e "$deps/root/usr/lib/x86_64-linux-gnu/$library" ] || ln -sf "$here" "$deps/root/usr/lib/x86_64-linux-gnu/$library"
  done < <(/sbin/ldconfig -p | awk '$NF ~ /^\// && /x86-64/ {print $1, $NF}')
  use_unpacked "$deps"
}
