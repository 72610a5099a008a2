/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of a recording's file. */
#include <sqlite3.h>
#include <string.h>

#include "fuzz/recording.h"
#include "fuzz/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned char *copy = sqlite3_malloc64(len + 1);
	sqlite3 *db;

	memcpy(copy, data, len);
	sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (sqlite3_deserialize(db, "main", copy, len, len,
				SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY))
		sqlite3_close_v2(db);
	else
		recording_try(db);
	return 0;
}
