#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/deps.sh build|test|kernels|vm: install the Debian packages which that needs and
# which are not there yet. Touches neither network nor system if none is missing.
# a|b: either will do; the first is installed.
set -u

build=(make gcc libc6-dev "pkgconf|pkg-config" "clang-19|clang" bpftool libbpf-dev libelf-dev
	zlib1g-dev libbsd-dev uthash-dev libinih-dev libsqlite3-dev libzstd-dev
	libmd-dev libprotobuf-c-dev protobuf-c-compiler libdw-dev libiberty-dev)
kernels=(qemu-system-x86 cpio xz-utils) # for vm/kernels; vm: for make test-vm
vm=("${kernels[@]}" qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	gcc-arm-linux-gnueabihf)
testing=(libcmocka-dev bats python3 python3-jsonschema clang-format shellcheck mandoc
	strace luajit nodejs paxtest chromium libxml2-utils protobuf-compiler libdebuginfod1)

# Node's own package brings npm along.
command -v npm >/dev/null || testing+=(npm)

# What libFuzzer and the sanitizers need beside clang, of its version
clang=$(command -v clang-19 || command -v clang) &&
	version=$("$clang" -dumpversion) && testing+=("libclang-rt-${version%%.*}-dev")

case ${1-} in
build) wanted=("${build[@]}") ;;
test) wanted=("${testing[@]}") ;;
kernels) wanted=("${kernels[@]}") ;;
vm) wanted=("${vm[@]}") ;;
*)
	echo "usage: $0 build|test|kernels|vm" >&2
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

# What drives the browser is no Debian package. Without it those tests are skipped, and say so.
browser_driver() {
	local wanted to=${O:-build}/html

	wanted=$(dirname "$0")/html/package.json
	[[ $1 == test ]] || return 0
	if [[ -d $to/node_modules/playwright-core ]] && cmp -s "$wanted" "$to/package.json"; then
		return 0
	fi
	echo "deps: installing playwright-core"
	mkdir -p "$to" && cp "$wanted" "$to/" &&
		npm install --prefix "$to" --no-package-lock --no-audit --no-fund --loglevel=error ||
		echo "deps: playwright-core could not be installed: nothing is tested in a browser" >&2
}

if [[ ${#missing[@]} == 0 ]]; then
	browser_driver "$1"
	exit 0
fi
if [[ $(id -u) != 0 ]]; then
	echo "deps: missing: ${missing[*]} (as root: apt-get install ${missing[*]})" >&2
	exit 1
fi
echo "deps: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends "${missing[@]}" ||
	{ apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } || exit
browser_driver "$1"
