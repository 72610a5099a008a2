#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Seals: a recording in which anything was changed, added or removed is found to be, and where. Also
# one of a recorder that was killed, one in pieces, and one that was signed.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
command -v sqlite3 >/dev/null || refuse "sqlite3 is not installed"

check() {
	"$MPROTWATCH" info --check -i "$@" >out 2>&1
}

# found NAME LINE: the check of changed.rec finds it damaged, and says LINE
found() {
	check changed.rec
	equals "found: $1" "$? $(grep -qE "^wrong +$2|: its (table object|stacks) " out || cat out)" "1 "
}

# changed SQL LINE
changed() {
	cp whole.rec changed.rec
	sqlite3 changed.rec "$1" || echo "not ok - $1"
	found "$1" "$2"
}

# shellcheck disable=SC2016
"$MPROTWATCH" record -k -q -o whole.rec -- sh -c '"$0"; "$0"; "$1" wx; kill -SEGV $$' "$workloads/flip" "$workloads/deny" >said 2>err
check whole.rec
holds "a recording is whole" "$(grep -q '^check *whole$' out || cat out)"
holds "what was compared is said" "$(grep -qE '^compared +[0-9]+ changes of the events.* and [0-9]+ rows of all tables with [0-9]+ seals' out || cat out)"
holds "and what a hash does not prove" "$(grep -q '^signed *not: ' out || cat out)"

# Every table: a row removed, and each column of one changed
for table in $(sqlite3 whole.rec "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('seal', 'signature')"); do
	[[ $(sqlite3 whole.rec "SELECT count(*) FROM $table") == 0 ]] && continue
	row=$(sqlite3 whole.rec "SELECT CASE WHEN (SELECT count(*) FROM pragma_table_info('$table') WHERE pk) > 1 THEN '' ELSE 'x' END")
	key=$(sqlite3 whole.rec "SELECT name FROM pragma_table_info('$table') ORDER BY cid LIMIT 1")
	first="$key = (SELECT $key FROM $table LIMIT 1)"
	where="(blocks? [0-9]+|$table: |seal [0-9]+ |its events)"
	changed "DELETE FROM $table WHERE $first" "$where"
	for column in $(sqlite3 whole.rec "SELECT name FROM pragma_table_info('$table') WHERE cid"); do
		[[ $row || $column != depth ]] || continue
		changed "UPDATE $table SET $column = coalesce($column, 0) || 'x' WHERE $first" "$where"
	done
done 2>&1 | grep -v '^ok - found'
equals "every change of a row was found" "${PIPESTATUS[0]} ${PIPESTATUS[1]}" "0 1"

changed "DELETE FROM block WHERE id = (SELECT max(id) FROM block)" "seal [0-9]+ does not fit .* block"
changed "UPDATE block SET data = zeroblob(100)" "seal [0-9]+ does not fit .* block"
changed "INSERT INTO loss VALUES (77, 1, 1, 1)" "loss: row 77 was added"
changed "CREATE TEMP TABLE x AS SELECT * FROM change LIMIT 1; UPDATE x SET id = 1000000; INSERT INTO change SELECT * FROM x" "change: row 10[0-9]* was added"
changed "INSERT INTO meta VALUES ('more', 1)" "meta: row more was added"
changed "DROP VIEW changes; CREATE VIEW changes AS SELECT 1" "schema: row changes is not"
changed "CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END" "schema: row t was added"
changed "CREATE TABLE more (a)" "schema: row more was added"
changed "DELETE FROM seal WHERE id = 1" "seal 1 is missing"
changed "DELETE FROM seal" "block: row 1 was added"
changed "UPDATE seal SET hash = '00'" "seal 1 is damaged"
changed "UPDATE meta SET value = x'1b5b324a' WHERE key = 'host'" "meta: row host is not"
holds "the end that was cut off is no trace" "$(
	cp whole.rec changed.rec
	sqlite3 changed.rec "DELETE FROM seal WHERE id = (SELECT max(id) FROM seal); DELETE FROM meta WHERE key IN
		('end_ns', 'events', 'changes', 'lost', 'forgotten', 'clean_end'); UPDATE finding SET is_over = 0"
	check changed.rec
	grep -qE '^check +(whole up to its last commit|damaged)' out || cat out
)"

# A recorder that was killed
steps_start killed
"$MPROTWATCH" record -o killed.rec -p "$workload" >out 2>err </dev/null &
tracer=$!
started+=("$tracer")
wait_until grep -qs 'mprotwatch: tracing' err
step 1
is_sealed() {
	(($("$MPROTWATCH" query -i killed.rec "SELECT count(*) AS n FROM changes WHERE cause = 'call'" | tail -n 1) > 1))
}
wait_until is_sealed
kill -KILL "$tracer"
wait "$tracer" 2>/dev/null
steps_end
check killed.rec
equals "killed: whole up to its last commit" "$? $(grep -c '^check *whole up to its last commit' out)" "0 1"

# In pieces, each of which begins with the hash of the one before
"$MPROTWATCH" record -q -o pieces.rec --rotate-size 200K -- "$workloads/storm" 40000x >said 2>err
hash=
for piece in pieces.rec.00000? pieces.rec; do
	check "$piece"
	equals "$piece is whole, and follows" "$? $(sed -n 's/^follows *//p' out)" "0 $hash"
	hash=$(sed -n 's/^hash *//p' out)
done
holds "there are several" "$([[ -e pieces.rec.000001 ]] || ls)"
cp pieces.rec changed.rec
sqlite3 changed.rec "UPDATE meta SET value = '$(printf '%064d' 0)' WHERE key = 'follows'"
found "another piece before it" "seal 1 does not fit"

# Signed
if command -v ssh-keygen >/dev/null; then
	for who in alice mallory; do
		ssh-keygen -q -t ed25519 -N '' -C "$who" -f $who
		echo "$who@example $(<$who.pub)" >$who.allowed
	done
	"$MPROTWATCH" record -q --sign alice -o signed.rec -- "$workloads/flip" >said 2>err
	equals "a signed recording" "$? $(<err)" "0 "
	check signed.rec
	equals "a signature that was not checked is no proof" "$? $(grep -c '^signed *by a key that was not checked' out)" "0 1"
	check signed.rec --signer alice.allowed
	equals "by whom it is" "$? $(grep -c '^signed *by alice@example$' out)" "0 1"
	check signed.rec --signer mallory.allowed
	equals "not by somebody else" "$? $(grep -c '^signed *not by one of' out)" "1 1"
	check whole.rec --signer alice.allowed
	equals "one without a signature is not what was asked for" "$? $(grep -c '^signed *not: ' out)" "1 1"
	"$MPROTWATCH" info -i signed.rec --signer mallory.allowed >out 2>err
	equals "who asks for a signer asks for a check" "$? $(grep -c '^check ' out)" "1 1"
	check "$top/tests/replay/recordings/version2-flip.rec.zst" --signer alice.allowed
	equals "one from before there were signatures is not what was asked for" "$? $(grep -c '^signed *not: ' out)" "1 1"
	# Mallory makes a chain of his own: the signature is of another hash
	"$MPROTWATCH" record -q --sign mallory -o forged.rec -- "$workloads/flip" >said 2>err
	sqlite3 forged.rec "ATTACH 'signed.rec' AS s; UPDATE signature SET text = (SELECT text FROM s.signature)"
	check forged.rec --signer alice.allowed
	equals "nor one with another's signature" "$? $(grep -c '^signed *not by one of' out)" "1 1"
	cp signed.rec changed.rec
	sqlite3 changed.rec "DELETE FROM seal WHERE id = (SELECT max(id) FROM seal)"
	check changed.rec --signer alice.allowed
	equals "nor one whose end was cut off" "$? $(grep -c '^signed *with another end' out)" "1 1"
	"$MPROTWATCH" record -q --sign /nowhere -o none.rec -- true >said 2>err
	equals "a key that does not sign ends it before it begins" \
		"$? $(grep -c 'ssh-keygen -Y sign does not sign with that key' err) $(ls none.rec 2>/dev/null)" "125 1 "
else
	skip "signatures" "ssh-keygen is not installed"
fi
exit $failed
