/* SPDX-License-Identifier: BSD-2-Clause */
/* The process may wait for its mmap_lock while it is read: with -v it is said for how long. */
#include "cmd/pages.h"

#include <errno.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/reading.h"
#include "cmd/rights.h"
#include "sink/space/pages_table.h"
#include "source/procpages.h"
#include "source/reader.h"

static void print_lock(uint32_t pid, const struct page_rows *rows)
{
	complain(
		"process %u may have waited for its mmap_lock for %.3f ms at once, and %.3f ms in all: it was read in %llu parts",
		pid, rows->longest_ns / 1e6, rows->all_ns / 1e6,
		(unsigned long long)rows->nr_reads);
}

/* Opens no file but those of the process, once out is open. */
static int read_and_print(const struct request *req, uint32_t pid, bool as_json, struct out *out)
{
	struct object_table *objects = object_table_new();
	const char *const nothing[] = { NULL };
	struct reading rd = { 0 };
	struct page_rows rows;
	int err;

	reading_begin(&rd, READER_PATIENT_NS);
	rights_scan(req, nothing, out);
	err = procpages_read(objects, rd.reader, pid, &rows);
	if (err)
		complain_process("cannot look at", pid, err);
	else if (as_json)
		pages_json(&out->buf, pid, &rows);
	else
		pages_table(&out->buf, &rows, req->show.all, output_width(out));
	if (!err && req->about.verbose)
		print_lock(pid, &rows);
	procpages_done(&rows);
	reading_end(&rd);
	object_table_free(objects);
	return err ? EXIT_FAILED : EXIT_FINE;
}

int pages_show(const struct request *req, uint32_t pid, bool as_json)
{
	struct out out;
	int err = out_open(&out, NULL), status = EXIT_FAILED;

	if (!err) {
		status = read_and_print(req, pid, as_json, &out);
		err = out_close(&out);
	}
	if (!err || err == -EPIPE)
		return status;
	complain_name("cannot write", "standard output", err, NULL);
	return EXIT_FAILED;
}
