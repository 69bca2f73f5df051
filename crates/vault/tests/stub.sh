#!/bin/sh
# Stands in for a vendor's command: notes in its home how it was called, and does what the test has laid out there.
for argument in "$0" "$@"; do printf '%s\0' "$argument"; done > "$HOME/called"
env > "$HOME/env"
pwd > "$HOME/folder"
if [ -e "$HOME/reads" ]; then cat > "$HOME/stdin"; fi
if [ -e "$HOME/err" ]; then cat "$HOME/err" >&2; fi
if [ -e "$HOME/out" ]; then cat "$HOME/out"; fi
if [ -e "$HOME/script" ]; then . "$HOME/script"; fi
if [ -e "$HOME/code" ]; then exit "$(cat "$HOME/code")"; fi
