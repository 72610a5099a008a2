/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of facts.h in SQL, as strings: columns of tables, their names for views, and the marks
 * to which values are bound. Facts of events are columns of the tables change, failure and life;
 * facts of processes, of process. Each string begins with a comma.
 */
#ifndef SINK_RECORD_FACTS_H
#define SINK_RECORD_FACTS_H

#include "facts.h"

#define SQL_NUMBER " INTEGER"
#define SQL_WORD   " TEXT"
#define SQL_WORDS  " TEXT" /* a JSON array */

#define SQL_OF_EVENT_EVENT(text) text
#define SQL_OF_EVENT_PROCESS(text)
#define SQL_OF_PROCESS_EVENT(text)
#define SQL_OF_PROCESS_PROCESS(text) text

#define EVENT_COLUMN(ID, name, type, of, about)	  SQL_OF_EVENT_##of(", " #name SQL_##type)
#define EVENT_NAME(ID, name, type, of, about)	  SQL_OF_EVENT_##of(", " #name)
#define EVENT_MARK(ID, name, type, of, about)	  SQL_OF_EVENT_##of(", ?")
#define PROCESS_COLUMN(ID, name, type, of, about) SQL_OF_PROCESS_##of(", " #name SQL_##type)
#define PROCESS_NAME(ID, name, type, of, about)	  SQL_OF_PROCESS_##of(", " #name)
#define PROCESS_SET(ID, name, type, of, about)	  SQL_OF_PROCESS_##of(", " #name " = ?")

#define EVENT_COLUMNS	MPW_FACTS(EVENT_COLUMN)
#define EVENT_NAMES	MPW_FACTS(EVENT_NAME)
#define EVENT_MARKS	MPW_FACTS(EVENT_MARK)
#define PROCESS_COLUMNS MPW_FACTS(PROCESS_COLUMN)
#define PROCESS_NAMES	MPW_FACTS(PROCESS_NAME)
#define PROCESS_SETS	MPW_FACTS(PROCESS_SET)

#endif
