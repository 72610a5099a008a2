/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of some kilobytes can hold terabytes, so three rules bound the output: it has to begin as
 * a database does; a frame that states a size which does not fit is refused before it is unpacked;
 * and the disk is never filled.
 */
#include "source/unzst.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

#include "util/buf.h"
#include "util/mem.h"

#define MAGIC	     ZSTD_MAGICNUMBER
#define SQLITE_MAGIC "SQLite format 3"
#define KEEP_FREE    (64ULL << 20) /* bytes of the file system */

struct unzst {
	int in, out;
	char *name;
	bool is_named;		/* set while the file has a name */
	uint64_t nr_in, nr_out; /* bytes */
	uint64_t most;		/* bytes that may be written */
	ZSTD_DCtx *zstd;
	char *src, *dst;
	size_t src_cap, dst_cap;
	const char *why, *try;
};

const char *unzst_folder(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/var/tmp";
}

bool unzst_is_packed(int fd)
{
	unsigned char b[4];

	return pread(fd, b, 4, 0) == 4 &&
	       (b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24) == MAGIC;
}

/*
 * A file without a name, so that nothing is left of it whatever ends the program. O_TMPFILE is not
 * everywhere (overlayfs before Linux 6.1, FAT).
 */
static int open_temp(struct unzst *u)
{
	const char *dir = unzst_folder();
	uint64_t unguessed = 0;

	if (getrandom(&unguessed, sizeof(unguessed), 0) < 0)
		return -errno;
	if (asprintf(&u->name, "%s/mprotwatch.%016" PRIx64 ".XXXXXX", dir, unguessed) < 0)
		abort();
	u->out = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (u->out >= 0)
		return 0;
	u->is_named = true;
	u->out = mkostemp(u->name, O_CLOEXEC);
	return u->out < 0 ? -errno : 0;
}

static int fail(struct unzst *u, int err, const char *why, const char *try)
{
	u->why = why;
	u->try = try;
	return err;
}

static int too_large(struct unzst *u)
{
	return fail(u, -ENOSPC, "unpacked it would not fit the disk",
		    "TMPDIR names a directory with more room");
}

/* Bounds the output by the free space; a frame that states its size has to fit. */
static int set_bounds(struct unzst *u)
{
	unsigned long long size;
	struct statvfs fs;
	ssize_t n;

	if (fstatvfs(u->out, &fs))
		return -errno;
	u->most = (uint64_t)fs.f_bavail * fs.f_frsize;
	u->most = u->most > KEEP_FREE ? u->most - KEEP_FREE : 0;
	n = pread(u->in, u->src, u->src_cap, 0);
	if (n < 0)
		return -errno;
	size = ZSTD_getFrameContentSize(u->src, n);
	if (size == ZSTD_CONTENTSIZE_ERROR)
		return fail(u, -EBADMSG, "its compression is damaged", NULL);
	return size != ZSTD_CONTENTSIZE_UNKNOWN && size > u->most ? too_large(u) : 0;
}

static int put(struct unzst *u, size_t len)
{
	const size_t magic_len = sizeof(SQLITE_MAGIC);
	size_t at = 0;
	ssize_t n;

	if (!u->nr_out && len && (len < magic_len || memcmp(u->dst, SQLITE_MAGIC, magic_len)))
		return fail(u, -EBADMSG, "what is compressed in it is not a recording", NULL);
	u->nr_out += len;
	if (u->nr_out > u->most)
		return too_large(u);
	for (; at < len; at += n) {
		n = write(u->out, u->dst + at, len - at);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return errno == ENOSPC ? too_large(u) : -errno;
	}
	return 0;
}

/* Unpacks the first len bytes of src. *ret_left is 0 at the end of a frame. */
static int unpack(struct unzst *u, size_t len, size_t *ret_left)
{
	ZSTD_inBuffer src = { u->src, len, 0 };
	ZSTD_outBuffer dst;
	int err = 0;

	do {
		dst = (ZSTD_outBuffer){ u->dst, u->dst_cap, 0 };
		*ret_left = ZSTD_decompressStream(u->zstd, &dst, &src);
		if (ZSTD_isError(*ret_left))
			return fail(u, -EBADMSG, "its compression is damaged", NULL);
		err = put(u, dst.pos);
	} while (!err && (src.pos < src.size || (*ret_left && dst.pos == dst.size)));
	return err;
}

static int unpack_all(struct unzst *u)
{
	size_t left = 0;
	ssize_t n;
	int err = set_bounds(u);

	while (!err && (n = pread(u->in, u->src, u->src_cap, u->nr_in)) != 0) {
		if (n < 0)
			return -errno;
		u->nr_in += n;
		err = unpack(u, n, &left);
	}
	if (!err && (left || !u->nr_out))
		err = fail(u, -EBADMSG, "its compressed data is cut short", NULL);
	return err;
}

/* SQLite opens by name only, and follows no link: the file has a name for that moment. */
static int open_db(struct unzst *u, sqlite3 **ret)
{
	struct buf uri = { 0 };
	char self[32];
	const char *p;
	int rc;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", u->out);
	if (!u->is_named && linkat(AT_FDCWD, self, AT_FDCWD, u->name, AT_SYMLINK_FOLLOW))
		return -errno;
	u->is_named = true;
	buf_puts(&uri, "file:");
	for (p = u->name; *p; p++)
		buf_printf(&uri, "%%%02x", (unsigned char)*p);
	buf_puts(&uri, "?immutable=1"); /* neither locks nor a -wal beside it */
	rc = sqlite3_open_v2(buf_str(&uri), ret,
			     SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
	buf_done(&uri);
	return rc == SQLITE_OK ? 0 : -EIO;
}

int unzst_open(int fd, sqlite3 **ret, const char **ret_why, const char **ret_try)
{
	struct unzst u = { .in = fd, .out = -1 };
	int err = open_temp(&u);

	if (err)
		fail(&u, err, "it is compressed, and there is no place to unpack it",
		     "TMPDIR names a directory where you may write");
	u.zstd = ZSTD_createDCtx();
	u.src_cap = ZSTD_DStreamInSize();
	u.dst_cap = ZSTD_DStreamOutSize();
	u.src = mem_alloc(u.src_cap);
	u.dst = mem_alloc(u.dst_cap);
	if (!err)
		err = unpack_all(&u);
	if (!err)
		err = open_db(&u, ret);
	if (u.is_named)
		unlink(u.name);
	if (u.out >= 0)
		close(u.out);
	ZSTD_freeDCtx(u.zstd);
	free(u.src);
	free(u.dst);
	free(u.name);
	*ret_why = u.why;
	*ret_try = u.try;
	return err;
}
