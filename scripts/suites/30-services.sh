#!/bin/bash
# Integration tests: real services and apps on private buses, headless sessions, whole turns.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
exec cargo test --release --locked --no-fail-fast --test '*'
