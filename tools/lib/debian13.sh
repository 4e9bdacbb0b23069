# The suite in a Debian 13 chroot: g++ 14, Debian's own LibTorch 2.6, Boost 1.88.

debian13_check() {
  local chroot=$root/.deps/debian13 pass=() mirror
  source "$root/tools/lib/apt.sh"
  while [ $# -gt 0 ] && [ "$1" != -- ]; do pass+=("$1"); shift; done
  [ $# -eq 0 ] || shift
  [ "$(id -u)" = 0 ] || fail "--debian13 makes a chroot, which needs root: run it with sudo"
  deps=$root/.deps
  if ! command -v debootstrap >/dev/null; then install_packages debootstrap; fi
  if [ ! -f "$chroot/.ready" ]; then
    mirror=$(mirror)
    [ -n "$mirror" ] || fail "no Debian mirror in /etc/apt: --debian13 takes its packages from the machine's own"
    say "making a Debian 13 chroot in .deps/debian13 (about 120 MB to fetch, 2.5 GB with LibTorch)"
    rm -rf "$chroot"
    quietly "debootstrap trixie" "$deps/log/debootstrap.log" debootstrap --variant=minbase trixie "$chroot" "$mirror"
    touch "$chroot/.ready"
  fi
  # The working tree as it is, without builds, data and .deps; the chroot keeps its own build folder between runs.
  mkdir -p "$chroot/work/quix"
  find "$chroot/work/quix" -mindepth 1 -maxdepth 1 ! -name build ! -name .deps -exec rm -rf {} +
  ( cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null ) | tar -C "$chroot/work/quix" -xf -
  [ ! -d "$root/.git" ] || cp -r "$root/.git" "$chroot/work/quix/.git"
  mkdir -p "$chroot/proc" "$chroot/sys" "$chroot/dev"
  cp /etc/resolv.conf "$chroot/etc/resolv.conf" 2>/dev/null || true
  grep -ls 'Acquire::.*Proxy' /etc/apt/apt.conf.d/* | xargs -r cp -t "$chroot/etc/apt/apt.conf.d/" || true
  # A mount namespace of its own: nothing stays mounted, whatever happens.
  unshare --mount --propagation private bash -c '
    mount -t proc proc "$1/proc" && mount -t sysfs sysfs "$1/sys" && mount --rbind /dev "$1/dev" || exit 2
    chroot="$1"; shift
    exec chroot "$chroot" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      TERM="${TERM:-dumb}" LANG=C.UTF-8 OMP_NUM_THREADS="$(nproc)" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
      bash -c "git config --global --add safe.directory /work/quix 2>/dev/null; cd /work/quix && exec tools/check \"\$@\"" check "$@"' _ "$chroot" --torch system "${pass[@]}" -- "$@"
}
