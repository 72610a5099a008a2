#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/deps.sh build|test|vm: install the Debian packages which that needs and
# which are not there yet. Touches neither network nor system if none is missing.
# a|b: either will do; the first is installed.
set -u

build=(make gcc libc6-dev "pkgconf|pkg-config" "clang-19|clang" bpftool libbpf-dev libelf-dev
	zlib1g-dev libbsd-dev uthash-dev libinih-dev libsqlite3-dev libzstd-dev
	libmd-dev libdw-dev)
vm=(qemu-system-x86 qemu-system-arm cpio xz-utils gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
testing=(libcmocka-dev bats python3 python3-jsonschema clang-format shellcheck mandoc
	strace luajit nodejs paxtest)

case ${1-} in
build) wanted=("${build[@]}") ;;
test) wanted=("${testing[@]}") ;;
vm) wanted=("${vm[@]}") ;;
*)
	echo "usage: $0 build|test|vm" >&2
	exit 2
	;;
esac

if ! command -v dpkg-query >/dev/null; then
	echo "deps: not a Debian system; what Debian calls ${wanted[*]} is needed" >&2
	exit 0
fi

is_there() {
	[[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ?i* ]]
}

missing=()
for want in "${wanted[@]}"; do
	found=
	for name in ${want//|/ }; do
		is_there "$name" && found=1
	done
	[[ $found ]] || missing+=("${want%%|*}")
done
[[ ${#missing[@]} == 0 ]] && exit 0

if [[ $(id -u) != 0 ]]; then
	echo "deps: missing: ${missing[*]} (as root: apt-get install ${missing[*]})" >&2
	exit 1
fi
echo "deps: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends "${missing[@]}" ||
	{ apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; }
