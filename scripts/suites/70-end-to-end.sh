#!/bin/bash
# Requests in both languages through the real model to real apps and services.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
. scripts/stage.sh
stage
in_session --parts sound,power,kernel -- \
    "$STAGE/share/lucid/scripts/furnished.sh" "$STAGE/share/lucid/scripts/end-to-end.sh"
