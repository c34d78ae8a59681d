#!/usr/bin/env bash
# Prints the path of a Chromium. Installs it from the distribution if it is missing and the user may; prints nothing otherwise.
# The path in CHROMIUM, if it is set, is used first.
set -euo pipefail

known() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
        if [ -n "$name" ] && command -v "$name"; then
            return 0
        fi
    done
    return 1
}

if ! known && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    # Also fonts with Chinese characters: the report is tested in both languages.
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium fonts-noto-core fonts-noto-cjk; } >&2 || true
    known || true
fi
