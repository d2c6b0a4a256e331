#!/bin/sh
# Runs the orc of this checkout, and builds it first when its sources changed. May be linked to from anywhere.
self=$0
while [ -h "$self" ]; do
  target=$(readlink -- "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname -- "$self")/$target ;;
  esac
done
exec node "$(dirname -- "$self")/scripts/bootstrap.mjs" cli "$@"
