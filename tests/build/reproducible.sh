#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The build is reproducible: a copy of the tree, built in another folder and into a directory of
# another name, as somebody else would, has the same bytes as what make built here.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/build/lib.sh
. tests/build/lib.sh

copy=$tmp/a-folder/with-a-longer-name
to=of/another-name
# What is built: causes before what is made of them.
built=(bpf/mprotwatch{,_old}{,.linked}.o mprotwatch{,_old}.skel.h libmpw.a mprotwatch{,-static})

# Make as somebody else runs it. Variables that were given to the make which runs this test are in
# the environment, too, without its flags. WERROR must leave no trace.
make_there() {
	(
		cd "$1" && shift && umask 077 &&
			env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL HOME=/nonexistent USER=somebody \
				LOGNAME=somebody LC_ALL=C TZ=Asia/Kathmandu TMPDIR="$tmp" WERROR=0 \
				make O="$to" "$@" all static
	)
}

# The sections of an ELF file: name, size, checksum. (objcopy does not know every machine.)
sections() {
	local name type offset size

	readelf -SW "$1" |
		sed -nE 's/^ *\[ *[0-9]+\] (\S+) +([A-Z]\S+) +\S+ ([0-9a-f]+) ([0-9a-f]+) .*/\1 \2 \3 \4/p' |
		while read -r name type offset size; do
			[[ $type == NOBITS ]] ||
				echo "$name $size $(tail -c +$((16#$offset + 1)) "$1" | head -c $((16#$size)) | cksum)"
		done
}

# How a file differs: its first byte, which objects or sections, then strings; here is <, there >.
difference() {
	local here=$O/$1 there=$copy/$to/$1 object

	cmp "$here" "$there" 2>&1 && return
	# A skeleton is its object in digits.
	[[ $1 == *.h ]] && return
	case $1 in
	*.a)
		while read -r object; do
			cmp -s "$O/$object" "$copy/$to/$object" || echo "$object"
		done < <(cd "$copy/$to" && find . -name '*.o' ! -path './bpf/*' | sort)
		;;
	*)
		diff <(sections "$here") <(sections "$there") | sed -n 's/^[<>] \([^ ]*\).*/\1/p' | sort -u
		;;
	esac | head -n 16 | paste -s -d ' '
	diff <(strings -a -n 8 "$here") <(strings -a -n 8 "$there") | grep '^[<>]' | head -n 4
}

mkdir -p "$copy"
sources | xargs -0 cp -P --parents -t "$copy"
if ! make_there "$copy" -j"$(nproc)" >"$tmp/log" 2>&1; then
	holds "a copy of the tree can be built" "$(tail -n 20 "$tmp/log")"
	exit 1
fi
for file in "${built[@]}"; do
	holds "$file has the same bytes when it is built elsewhere" "$(difference "$file")"
done

# What has no debug information, by CFLAGS, names no source.
if readelf -SW "$O/mprotwatch" | grep -qF .debug_line; then
	holds "debuggers that run in the tree find the sources" "$(
		where=$(addr2line -e "$O/mprotwatch" "0x$(nm "$O/mprotwatch" | awk '$3 == "main" { print $1 }')")
		[[ $where == */user/main.c:* && -f ${where%:*} ]] || echo "main is at $where"
	)"
fi
holds "the verifier's log can quote the sources" "$(
	strings -a "$O/bpf/mprotwatch.linked.o" | grep -qxFf bpf/call.bpf.h ||
		echo "no line of bpf/call.bpf.h is in the object"
)"

mv "$copy" "$tmp/moved"
holds "a folder that was moved needs no build" "$(
	make_there "$tmp/moved" -q 2>&1 || echo "make finds something to do")"
holds "other flags need one" "$(
	CPPFLAGS=-DOTHER make_there "$tmp/moved" -q 2>&1 && echo "make finds nothing to do")"
exit $failed
