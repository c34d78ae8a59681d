#!/usr/bin/env bash
# Prints the path of a Chromium, which it installs from the distribution where there is none and it may; nothing where that cannot be.
# The path in CHROMIUM, if it is set, comes first.
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
    # Fonts with Chinese characters too: the report is looked at in both languages.
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium fonts-noto-core fonts-noto-cjk; } >&2 || true
    known || true
fi
