/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The numbers that the page's scripts share with the program. This file is compiled only to
 * assembly, as the kernel's asm-offsets.c is; the build finds the values there and puts them into
 * the scripts in place of the names. A script may use no other name of C.
 */
#include "core/span.h"
#include "sink/html/html_rows.h"

#define NUMBER(name) __asm__ volatile(".ascii \"->" #name " %c0\"" : : "i"(name))

void html_numbers(void)
{
	NUMBER(HTML_TIME);
	NUMBER(HTML_RANGE);
	NUMBER(HTML_ATTR);
	NUMBER(HTML_CAUSE);
	NUMBER(HTML_RANGE_SPACE);
	NUMBER(HTML_RANGE_START);
	NUMBER(HTML_RANGE_LENGTH);
	NUMBER(NR_HTML_COLUMNS);
	NUMBER(HTML_SEVERAL);

	NUMBER(HTML_EXIT_NONE);
	NUMBER(HTML_EXIT_UNSEEN);

	NUMBER(PAGE_BYTES_MIN);
	NUMBER(VMA_R);
	NUMBER(VMA_W);
	NUMBER(VMA_X);
	NUMBER(VMA_WX);
	NUMBER(VMA_PROT);
	NUMBER(VMA_SHARED);
	NUMBER(VMA_SEALED);
	NUMBER(VMA_GUARD);
	NUMBER(VMA_MAPPED);
	NUMBER(VMA_UNKNOWN);

	NUMBER(SPAN_UNMAPPED);
	NUMBER(SPAN_UNKNOWN);
	NUMBER(SPAN_NONE);
	NUMBER(SPAN_R);
	NUMBER(SPAN_W);
	NUMBER(SPAN_RW);
	NUMBER(SPAN_X);
	NUMBER(SPAN_RX);
	NUMBER(SPAN_WX);
	NUMBER(NR_SPAN_STATES);
}
