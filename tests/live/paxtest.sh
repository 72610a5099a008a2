#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What paxtest's programs do to be vulnerable is found in each, in the region that its
# name says (by ELF headers, not by us); and nothing is found in those that only jump there.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

paxtest=/usr/lib/paxtest
[[ -x $paxtest/mprotanon ]] || refuse "paxtest is not installed"
has_truth || refuse "what a short-lived process was before its first call is not known without truth"

cat >all.sh <<'END'
export PAXTEST_MODE=0 LD_LIBRARY_PATH=/usr/lib/paxtest
for i in anonmap execbss execdata execheap execstack shlibbss shlibdata \
	mprotanon mprotbss mprotdata mprotheap mprotstack mprotshbss mprotshdata writetext; do
	/usr/lib/paxtest/$i || echo # a crash leaves the line open
done
END
trace pax --severity info -- bash all.sh
cat >wanted <<'END'
mprotanon: low w-to-x, [anon], rw- -> r-x
mprotbss: medium w-to-x, bss of mprotbss, rw- -> r-x
mprotbss: low x-to-w, bss of mprotbss, r-x -> rw-
mprotdata: medium w-to-x, data of mprotdata, rw- -> r-x
mprotdata: low x-to-w, data of mprotdata, r-x -> rw-
mprotheap: high heap-exec, [heap], rw- -> r-x
mprotstack: high stack-exec, [stack], rw- -> rwx
mprotshbss: medium w-to-x, bss of shlibtest2.so, rw- -> r-x
mprotshbss: low x-to-w, bss of shlibtest2.so, r-x -> rw-
mprotshdata: medium w-to-x, data of shlibtest2.so, rw- -> r-x
mprotshdata: low x-to-w, data of shlibtest2.so, r-x -> rw-
writetext: high x-to-w, text of shlibtest.so, r-x -> rwx
writetext: medium wx, data of shlibtest.so, r-- -> rwx
END
equals "this kernel lets all of them do it" "$(grep -c ' *: Vulnerable$' pax.expect)" 8
holds "each transition is found, in its region" "$("$top/tests/live/paxtest.py" pax.json 2>&1 | diff wanted -)"
exit $failed
