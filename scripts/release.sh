#!/usr/bin/env bash
# The files of a release, of the version that Cargo.toml says: a tarball, a Debian package, a Python wheel, and their checksums.
#   scripts/release.sh                 builds the program for old systems, packs it twice and compares
#   scripts/release.sh --binary FILE   packs a program that is there already
#   scripts/release.sh --check         installs the files in clean places, and runs the program there (scripts/release/check.sh)
# Writes target/release-files. Needs Python 3.11, and of the system dpkg-deb and binutils. The same program of the same
# commit is packed to the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

# The oldest glibc that Rust supports: that of 2012.
glibc=2.17
triple=x86_64-unknown-linux-gnu
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
files=$target/release-files
tools=$target/release-tools

usage() {
    sed -n '2,7s/^# \{0,1\}//p' "$0"
}

binary='' check=''
while [ $# -gt 0 ]; do
    case $1 in
        --binary)
            [ $# -gt 1 ] || { echo '--binary needs a file' >&2; exit 2; }
            binary=$2
            shift
            ;;
        --check) check=yes ;;
        -h | --help) usage; exit 0 ;;
        *) echo "unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

for program in dpkg-deb objdump readelf; do
    command -v "$program" >/dev/null || { echo "$program is missing: install dpkg and binutils" >&2; exit 1; }
done

install_tools() {
    cmp -s scripts/release_requirements.txt "$tools/requirements.txt" && return
    rm -rf "$tools"
    python3 -m venv --without-pip "$tools" >&2
    python3 -m pip --quiet --python "$tools/bin/python" install --requirement scripts/release_requirements.txt >&2
    cp scripts/release_requirements.txt "$tools/requirements.txt"
}

if [ -n "$check" ]; then
    install_tools
    exec scripts/release/check.sh "$files" "$tools/bin"
fi

# Folders of this machine are no part of the program: they would differ from machine to machine, and panics print them.
build() {
    local -x RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=/huitou"
    local -x CARGO_TARGET_DIR=$target PATH=$tools/bin:$PATH
    cargo zigbuild --locked --profile dist --bin huitou --target "$triple.$glibc"
}

if [ -z "$binary" ]; then
    install_tools
    build
    binary=$target/$triple/dist/huitou
fi
scripts/release/old_systems.sh "$binary" "$glibc"

# All that is packed has the time of the commit, or outside of a repository that of Cargo.toml. The compiler is not told: what is compiled
# has no times in it, and another time would compile all again.
epoch=$(git log -1 --format=%ct 2>/dev/null || stat --format=%Y Cargo.toml)
pack() {
    rm -rf "$1"
    SOURCE_DATE_EPOCH=$epoch python3 scripts/release/package.py --huitou "$binary" --glibc "$glibc" --to "$1"
}

pack "$files"
pack "$files.again"
diff --recursive "$files" "$files.again" || { echo 'the same program was packed in two ways' >&2; exit 1; }
rm -rf "$files.again"
ls -l "$files"
