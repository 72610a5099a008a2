#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# --hook=function: calls are seen at the exits of their own functions. What was seen is told as ever;
# calls that somebody answered are not there, and 32-bit calls are, without --compat.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

if ! "$MPROTWATCH" doctor -j | grep -q '"name":"functions","ok":true'; then
	"$MPROTWATCH" --hook=function -p $$ -d 1 2>none.err
	equals "where functions can't be hooked, that is said" "$? $(grep -c 'cannot hook into the functions of system calls: .*leave it out' none.err)" "77 1"
	refuse "this kernel lets no program run on its functions"
fi

for tier in "${tiers[@]}"; do
	how=()
	[[ $tier == inference ]] && how=(--honest)
	for name in protect remap family; do
		trace $name --hook=function --verify --strict --tier=$tier -- "$workloads/$name"
		well $name "$name ends well ($tier)"
		as_told $name "$name is seen as it was ($tier)" "${how[@]}"
	done
done
holds "JSON has the hook" "$(head -n 1 protect.json | grep -vF '"hook":"function"')"

for how in errno0 trap listener sysemu leaving; do
	trace $how --hook=function --verify --strict -- "$workloads/answered" $how
	well $how "a process whose calls are answered ends well ($how)"
	as_told $how "its real calls are seen as they were ($how)" "${best[@]}"
	holds "the answered ones are not told ($how)" "$(grep -F '"unproven":true' $how.json | head -n 3)"
done

if int80_works; then
	trace int80 --hook=function --verify --strict -- "$workloads/compat"
	well int80 "calls by int 0x80 end well"
	as_told int80 "they are seen without --compat" "${best[@]}"
else
	skip "calls by int 0x80" "$why"
fi
exit $failed
