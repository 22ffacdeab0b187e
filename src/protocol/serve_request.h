/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of a program that asks `hftoken serve`; hftoken-serve(1) is the specification.
 */
#pragma once

#include "core/operation.h"
#include "core/repo.h"
#include "core/token.h"

#define SERVE_VERSION  1
#define SERVE_LINE_MAX ((size_t)32 << 10) /* with its newline */
#define SERVE_ID_SIZE  96                 /* of an id as it is written */

enum serve_kind { SERVE_GET, SERVE_REPORT };

/* Why there is no answer: a closed set, by whose names programs act. */
enum serve_error {
	SERVE_OK,
	SERVE_BAD_REQUEST,
	SERVE_VERSION_UNKNOWN,
	SERVE_UNSUPPORTED,
	SERVE_NOT_MINE,
	SERVE_NO_TOKEN,
	SERVE_NO_NAME,
	SERVE_STORE,
	SERVE_FAILED,
	SERVE_ERROR_COUNT,
};
extern const char *const serve_error_names[SERVE_ERROR_COUNT];

struct serve_request {
	char id[SERVE_ID_SIZE]; /* as JSON; "null" if there is none to be read */
	enum serve_kind kind;
	char url[ENDPOINT_URL_MAX + 1];      /* "" if none */
	char endpoint[ENDPOINT_URL_MAX + 1]; /* as it was written; "" if none */
	char repo_text[REPO_TEXT_MAX + 1];   /* "" if none */
	enum operation operation;
	char name[TOKEN_NAME_MAX + 1];
	char account[REPO_PART_MAX + 1];
	char token[TOKEN_NAME_MAX + 1]; /* a report's */
	bool worked;
	unsigned status; /* HTTP's; 0: not told */
};

/* SERVE_OK, or what is wrong, with a message. The id is filled in whenever it can be read. */
enum serve_error serve_request_parse(const char *line, size_t size, struct serve_request *ret,
				     struct err *err) MUST_CHECK;
