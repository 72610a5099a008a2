/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON Schema (2020-12) of one line of json.c: strict, so that a test with it proves something. */
#include "sink/sinks.h"

#define OBJECT	   "\"type\":\"object\",\"additionalProperties\":false,"
#define REF(name)  "{\"$ref\":\"#/$defs/" name "\"}"
#define TYPE(name) "\"type\":{\"const\":\"" name "\"},"
#define WHEN	   "\"ts_ns\":" REF("count") ",\"time\":" REF("time") ","
#define WHO                                                                  \
	"\"pid\":" REF("pid") ",\"start_ns\":" REF("count") ",\"tid\":" REF( \
		"pid") ",\"comm\":{\"type\":\"string\"},"
#define WHEN_NAMES "\"ts_ns\",\"time\""
#define WHO_NAMES  "\"pid\",\"start_ns\",\"tid\",\"comm\""

const char json_sink_schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n"
	"\"title\":\"one line of mprotwatch --json\",\n"
	"\"$defs\":{\n"
	" \"count\":{\"type\":\"integer\",\"minimum\":0},\n"
	" \"pid\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":4194304},\n"
	" \"addr\":{\"type\":\"string\",\"pattern\":\"^0x[0-9a-f]{1,16}$\"},\n"
	" \"time\":{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\\\.[0-9]{9}Z$\"},\n"
	" \"errno\":{\"type\":\"string\",\"pattern\":\"^E[A-Z0-9]+$\"},\n"
	" \"call\":{" OBJECT "\"properties\":{\"name\":{\"type\":\"string\"},"
	"\"args\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":6,\"items\":" REF(
		"addr") "},"
			"\"ret\":" REF("addr") ",\"errno\":" REF(
				"errno") "},"
					 "\"required\":[\"name\",\"args\"],\"oneOf\":[{\"required\":[\"ret\"]},{\"required\":[\"errno\"]}]},\n"
					 " \"state\":{" OBJECT
					 "\"properties\":{\"state\":{\"enum\":[\"mapped\",\"unmapped\",\"unknown\"]},"
					 "\"prot\":{\"type\":\"string\",\"pattern\":\"^[r-][w-][x-]$\"},\"shared\":{\"type\":\"boolean\"},"
					 "\"pkey\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":15},\"sealed\":{\"const\":true}},"
					 "\"required\":[\"state\"],\"if\":{\"properties\":{\"state\":{\"const\":\"mapped\"}}},"
					 "\"then\":{\"required\":[\"prot\",\"shared\"]},"
					 "\"else\":{\"maxProperties\":1}},\n"
					 " \"object\":{" OBJECT
					 "\"properties\":{\"kind\":{\"enum\":[\"anon\",\"heap\",\"stack\",\"special\","
					 "\"file\",\"memfd\",\"sysv\",\"shared_anon\"]},\"name\":{\"type\":\"string\"},"
					 "\"dev\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{2,3}:[0-9a-f]{2,5}$\"},\"ino\":" REF(
						 "count") ","
							  "\"deleted\":{\"type\":\"boolean\"}},\"required\":[\"kind\",\"name\"]},\n"
							  " \"object_or_null\":{\"oneOf\":[{\"type\":\"null\"}," REF(
								  "object") "]},\n"
									    " \"caller\":{\"oneOf\":[{\"type\":\"null\"},{" OBJECT
									    "\"properties\":{\"addr\":" REF(
										    "addr") ","
											    "\"module\":{\"type\":\"string\"},\"offset\":" REF(
												    "addr") "},\"required\":[\"addr\"]}]},\n"
													    " \"run\":{" OBJECT
													    "\"properties\":{" TYPE(
														    "run") "\"tool\":{\"const\":\"mprotwatch\"},"
															   "\"version\":{\"type\":\"string\"},\"boot_id\":{\"type\":\"string\"},"
															   "\"tier\":{\"enum\":[\"truth\",\"inference\"]},\"what\":{\"type\":\"string\"},"
															   "\"start_ns\":" REF("count") ",\"start\":" REF(
																   "time") "},"
																	   "\"required\":[\"type\",\"tool\",\"version\",\"boot_id\",\"tier\",\"what\",\"start_ns\",\"start\"]},\n"
																	   " \"change\":{" OBJECT
																	   "\"properties\":{" TYPE(
																		   "change")
																		   WHEN WHO
	"\"call\":" REF(
		"call") ","
			"\"cause\":{\"enum\":[\"call\",\"snapshot\",\"verify\"]},\"start\":" REF("addr") ",\"end\":" REF(
				"addr") ","
					"\"size\":" REF("count") ",\"before\":" REF("state") ",\"after\":" REF(
						"state") ","
							 "\"mapping\":" REF("object_or_null") ",\"offset\":" REF("addr") ",\"caller\":" REF(
								 "caller") "},"
									   "\"required\":[\"type\"," WHEN_NAMES
									   "," WHO_NAMES
									   ",\"cause\",\"start\",\"end\",\"size\",\"before\","
									   "\"after\",\"mapping\",\"caller\"]},\n"
									   " \"failed_call\":{" OBJECT
									   "\"properties\":{" TYPE(
										   "call") WHEN WHO
	"\"call\":" REF("call") ","
				"\"changes\":" REF("count") "},"
							    "\"required\":[\"type\"," WHEN_NAMES
							    "," WHO_NAMES
							    ",\"call\",\"changes\"]},\n"
							    " \"exec\":{" OBJECT
							    "\"properties\":{" TYPE("exec") WHEN WHO
	"\"ppid\":" REF(
		"count") ","
			 "\"uid\":" REF("count") ",\"exe\":" REF("object_or_null") ",\"mappings\":" REF(
				 "count") "},"
					  "\"required\":[\"type\"," WHEN_NAMES "," WHO_NAMES
					  ",\"ppid\",\"uid\",\"exe\",\"mappings\"]},\n"
					  " \"fork\":{" OBJECT "\"properties\":{" TYPE("fork")
						  WHEN WHO
	"\"child\":{" OBJECT "\"properties\":{"
	"\"pid\":" REF("pid") ",\"start_ns\":" REF(
		"count") ",\"shares_memory\":{\"type\":\"boolean\"}},"
			 "\"required\":[\"pid\",\"start_ns\",\"shares_memory\"]}},"
			 "\"required\":[\"type\"," WHEN_NAMES "," WHO_NAMES ",\"child\"]},\n"
			 " \"exit\":{" OBJECT "\"properties\":{" TYPE("exit") WHEN WHO
	"\"status\":{\"type\":\"integer\","
	"\"minimum\":0,\"maximum\":255},\"signal\":{\"type\":\"string\",\"pattern\":\"^SIG[A-Z0-9]+$\"}},"
	"\"required\":[\"type\"," WHEN_NAMES "," WHO_NAMES "],"
	"\"oneOf\":[{\"required\":[\"status\"]},{\"required\":[\"signal\"]}]},\n"
	" \"loss\":{" OBJECT "\"properties\":{" TYPE("loss") WHEN
	"\"lost\":{\"type\":\"integer\",\"minimum\":1},"
	"\"pid\":" REF("pid") "},\"required\":[\"type\"," WHEN_NAMES ",\"lost\"]},\n"
			      " \"totals\":{" OBJECT "\"properties\":{" TYPE("totals") WHEN
	"\"events\":" REF(
		"count") ","
			 "\"changes\":" REF("count") ",\"failed\":" REF("count") ",\"processes\":" REF(
				 "count") ","
					  "\"lost\":" REF("count") ",\"repairs\":" REF(
						  "count") ","
							   "\"compared\":" REF("count") ",\"differing\":" REF(
								   "count") "},"
									    "\"required\":[\"type\"," WHEN_NAMES
									    ",\"events\",\"changes\",\"failed\",\"processes\",\"lost\",\"repairs\",\"compared\",\"differing\"]}\n"
									    "},\n"
									    "\"oneOf\":[" REF("run") "," REF("change") "," REF("failed_call") "," REF(
										    "exec") "," REF("fork") "," REF("exit") "," REF("loss") "," REF("totals") "]}";
