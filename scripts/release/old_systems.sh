#!/usr/bin/env bash
# Whether a program starts on systems with a glibc of that version or newer, and nothing else: scripts/release/old_systems.sh PROGRAM 2.17
# One that asks for a newer glibc, or for a library that not every system has, does not even start on an old one.
set -euo pipefail

program=$1 glibc=$2
newest=$(readelf --version-info --wide "$program" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort --unique --version-sort | tail -n 1)
if [ "$(printf '%s\n' "$newest" "$glibc" | sort --version-sort | tail -n 1)" != "$glibc" ]; then
    echo "$program needs glibc $newest, and $glibc is promised" >&2
    exit 1
fi
libraries=$(readelf --dynamic --wide "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' |
    grep --invert-match --line-regexp --extended-regexp 'lib(c|m|dl|rt|util|pthread)\.so\.[0-9]|ld-linux-x86-64\.so\.2' || true)
if [ -n "$libraries" ]; then
    echo "$program needs what is no part of glibc: ${libraries//$'\n'/, }" >&2
    exit 1
fi
# A function without a version is looked up by its name alone, in whatever library has it. Weak ones may be missing.
unversioned=$(objdump --dynamic-syms "$program" | awk '/\*UND\*/ && $2 != "w" && !/GLIBC_/ { print $NF }')
if [ -n "$unversioned" ]; then
    echo "$program needs functions of no version of glibc: ${unversioned//$'\n'/, }" >&2
    exit 1
fi
echo "$program needs glibc $newest, and no other library"
