#!/usr/bin/env bash
# Installs the files of a release where nothing else is, runs them there, and compares the tables: scripts/release.sh --check.
#   the tarball  in a root that has the files of Debian's libc6 and nothing else, not even a shell
#   the package  by dpkg in a minimal Debian
#   the wheel    by pip in a fresh environment, and by uvx
# Needs root, debootstrap, and the network: of Debian's archive, and of scripts/python.sh, once each. SUITE is another Debian than bullseye, which has glibc 2.31.
set -euo pipefail
cd "$(dirname "$0")/../.."

files=$1 tools=$2
suite=${SUITE:-bullseye}
work=$(dirname "$files")/release-check
clean=$work/$suite
export LC_ALL=C.UTF-8

[ "$(id -u)" = 0 ] || { echo 'only root can make a clean root' >&2; exit 1; }
command -v debootstrap >/dev/null || { echo 'debootstrap is missing' >&2; exit 1; }
[ -e "$files/SHA256SUMS" ] || { echo "$files has no release: scripts/release.sh makes it" >&2; exit 1; }
(cd "$files" && sha256sum --check --quiet SHA256SUMS)

# What was installed before would not be clean; the Debian is kept, since nothing is installed in it but in copies.
mkdir -p "$work"
find "$work" -mindepth 1 -maxdepth 1 ! -name "$suite" -exec rm -rf {} +
if [ ! -e "$clean/complete" ]; then
    rm -rf "$clean"
    echo "a minimal Debian, $suite"
    debootstrap --variant=minbase "$suite" "$clean" >"$work/debootstrap.txt" 2>&1 || { tail -n 20 "$work/debootstrap.txt" >&2; exit 1; }
    touch "$clean/complete"
fi

# A command in a root. The program looks into /proc for the memory of the machine; the mount ends with the command.
inside() {
    unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$@"
}

# Runs a program, given as a command, which sees the folder $2 of this machine as $3: the job of the sample data, and one that it makes itself.
nights() {
    local name=$1 outside=$2 seen=$3
    shift 3
    mkdir -p "$outside" && cp -r jobs sample_data "$outside" || return
    "$@" --version | grep --quiet --line-regexp --fixed-strings "huitou $version" || { echo "$name is not huitou $version"; return 1; }
    "$@" run "$seen/jobs/nightly.yaml" --out "$seen/nightly" --quiet >/dev/null || return
    "$@" sample "$seen/made" --orders 20k >"$outside/sample.txt" 2>&1 || { cat "$outside/sample.txt"; return 1; }
    "$@" run "$seen/made/job.yaml" --as-of 2026-11-21 --out "$seen/sample" --quiet >/dev/null || return
    for made in nightly sample; do
        # Tables are folders; the files beside them say when the run was.
        mkdir -p "$work/tables/$name/$made" &&
            find "$outside/$made/latest/" -mindepth 1 -maxdepth 1 -type d -exec cp -r -t "$work/tables/$name/$made" {} + || return
    done
}

tarball() {
    local root=$work/tarball
    mkdir -p "$root/proc" "$root/tmp" &&
        dpkg-deb --extract "$clean"/var/cache/apt/archives/libc6_*.deb "$root" &&
        tar -xzf "$files/huitou-$version-x86_64-linux.tar.gz" -C "$root" &&
        nights tarball "$root/night" /night inside "$root" "/huitou-$version-x86_64-linux/huitou"
}

package() {
    local root=$work/package
    cp -a "$clean" "$root" && cp "$files/huitou_${version}_amd64.deb" "$root/tmp/" &&
        inside "$root" dpkg --install "/tmp/huitou_${version}_amd64.deb" >/dev/null &&
        inside "$root" dpkg --verify huitou &&
        nights package "$root/night" /night inside "$root" huitou &&
        inside "$root" dpkg --purge huitou >/dev/null && ! [ -e "$root/usr/bin/huitou" ]
}

by_pip() {
    local home=$work/pip
    python3 -m venv --without-pip "$home" &&
        python3 -m pip --quiet --python "$home/bin/python" install --no-index "$files"/huitou-*.whl &&
        nights pip "$work/pip-night" "$work/pip-night" "$home/bin/huitou"
}

by_uvx() {
    local -x UV_CACHE_DIR=$work/uv
    nights uvx "$work/uvx-night" "$work/uvx-night" "$tools/uvx" --quiet --no-index --from "$(echo "$files"/huitou-*.whl)" huitou
}

# The same bytes with the same glibc. Its functions differ by version in the last digit: those of this system and of that Debian may.
same_tables() {
    [ -d "$work/tables/uvx/sample/shop_daily" ] &&
        diff --recursive --brief "$work/tables/tarball" "$work/tables/package" && diff --recursive --brief "$work/tables/pip" "$work/tables/uvx" &&
        for made in nightly sample; do
            "$python" scripts/same_tables.py "$work/tables/tarball/$made" "$work/tables/pip/$made" --nearly || return
        done
}

python=$(scripts/python.sh)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
passed=0 failed=0
# As conditions they go on after a command that failed, unless they say what then.
for part in tarball package by_pip by_uvx same_tables; do
    if "$part"; then
        echo "ok      $part"
        passed=$((passed + 1))
    else
        echo "FAILED  $part"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
