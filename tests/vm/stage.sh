#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/vm/stage.sh BUILD DIR: put into DIR what the live tests need of this tree: the static
# program and the workloads of a build directory, and the tests.
set -eu
mkdir -p "$2/build"
cp -r "$(dirname "$0")/.." "$2/tests"
cp "$(dirname "$0")/../../README.md" "$2"
cp "$1/mprotwatch-static" "$2/build/mprotwatch"
cp -r "$1/workloads" "$2/build"
