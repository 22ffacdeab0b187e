/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/serve_request.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/text.h"

#define PAIRS_MAX  32
#define ID_TEXT    ((size_t)64)
#define NUMBER_MAX ((uint64_t)1 << 53) /* what every JSON reader can tell apart */

const char *const serve_error_names[SERVE_ERROR_COUNT] = {
	[SERVE_OK] = "ok",
	[SERVE_BAD_REQUEST] = "bad-request",
	[SERVE_VERSION_UNKNOWN] = "version",
	[SERVE_UNSUPPORTED] = "unsupported",
	[SERVE_NOT_MINE] = "not-mine",
	[SERVE_NO_TOKEN] = "no-token",
	[SERVE_NO_NAME] = "no-name",
	[SERVE_STORE] = "store",
	[SERVE_FAILED] = "failed",
};

static enum serve_error bad(struct err *err, const char *what)
{
	err_set(err, ERR_FORMAT, "%s", what);
	return SERVE_BAD_REQUEST;
}

/* A whole number without sign, fraction and exponent. */
static bool read_number(const struct json_span *span, uint64_t max, uint64_t *ret)
{
	char text[24];

	if (span->kind != JSON_KIND_NUMBER || span->size >= sizeof(text))
		return false;
	memcpy(text, span->at, span->size);
	text[span->size] = '\0';
	return text_to_number(text, max, ret);
}

/* An id is given back as it came, so it has to be short and of one of two kinds. */
static bool read_id(const struct json_scan *scan, char ret[SERVE_ID_SIZE])
{
	struct json_span id = json_scan_find(scan, "id");
	char text[ID_TEXT + 1];
	uint64_t number;

	if (id.size >= SERVE_ID_SIZE || !(read_number(&id, NUMBER_MAX, &number) ||
					  json_span_decode(&id, text, sizeof(text))))
		return false;
	memcpy(ret, id.at, id.size);
	ret[id.size] = '\0';
	return true;
}

/* A member that may be missing (or null) and is a text else. */
static bool read_text(const struct json_scan *scan, const char *name, char *ret,
		      size_t capacity)
{
	struct json_span value = json_scan_find(scan, name);

	ret[0] = '\0';
	return value.kind == JSON_KIND_NONE || value.kind == JSON_KIND_NULL ||
	       (json_span_decode(&value, ret, capacity) && *ret);
}

static bool read_operation(const struct json_scan *scan, enum operation *ret)
{
	struct json_span value = json_scan_find(scan, "operation");

	*ret = OPERATION_UNKNOWN;
	if (json_span_equal(&value, "read"))
		*ret = OPERATION_READ;
	else if (json_span_equal(&value, "write"))
		*ret = OPERATION_WRITE;
	else
		return value.kind == JSON_KIND_NONE || value.kind == JSON_KIND_NULL;
	return true;
}

/* What a get and a report have in common: what they are about. */
static enum serve_error read_subject(const struct json_scan *scan, struct serve_request *ret,
				     struct err *err)
{
	if (!read_text(scan, "url", ret->url, sizeof(ret->url)))
		return bad(err, "'url' is not a text of 1 to 2048 bytes");
	if (!read_text(scan, "endpoint", ret->endpoint, sizeof(ret->endpoint)))
		return bad(err, "'endpoint' is not a text of 1 to 2048 bytes");
	if (!read_text(scan, "repo", ret->repo_text, sizeof(ret->repo_text)))
		return bad(err, "'repo' is not a text of 1 to 4096 bytes");
	if (*ret->url && (*ret->repo_text || *ret->endpoint))
		return bad(err, "'url' stands alone: without 'repo' and 'endpoint'");
	if (!read_operation(scan, &ret->operation))
		return bad(err, "'operation' is neither 'read' nor 'write'");
	return SERVE_OK;
}

static enum serve_error read_get(const struct json_scan *scan, struct serve_request *ret,
				 struct err *err)
{
	if (!read_text(scan, "name", ret->name, sizeof(ret->name)))
		return bad(err, "'name' is not a text of 1 to 64 bytes");
	if (!read_text(scan, "account", ret->account, sizeof(ret->account)))
		return bad(err, "'account' is not a text of 1 to 96 bytes");
	return SERVE_OK;
}

static enum serve_error read_report(const struct json_scan *scan, struct serve_request *ret,
				    struct err *err)
{
	struct json_span outcome = json_scan_find(scan, "outcome");
	struct json_span status = json_scan_find(scan, "status");
	uint64_t number = 0;

	if (!read_text(scan, "token", ret->token, sizeof(ret->token)) || !*ret->token)
		return bad(err, "a report needs 'token', the name that the answer told");
	ret->worked = json_span_equal(&outcome, "worked");
	if (!ret->worked && !json_span_equal(&outcome, "refused"))
		return bad(err, "'outcome' is neither 'worked' nor 'refused'");
	if (status.kind != JSON_KIND_NONE && status.kind != JSON_KIND_NULL &&
	    (!read_number(&status, 599, &number) || number < 100))
		return bad(err, "'status' is not a number from 100 to 599");
	ret->status = (unsigned)number;
	return SERVE_OK;
}

static enum serve_error read_members(const struct json_scan *scan, struct serve_request *ret,
				     struct err *err)
{
	struct json_span version = json_scan_find(scan, "v");
	struct json_span kind = json_scan_find(scan, "kind");
	bool has_id = read_id(scan, ret->id);
	enum serve_error error;
	uint64_t number;

	if (!read_number(&version, UINT32_MAX, &number))
		return bad(err, "'v' is not a number");
	if (number != SERVE_VERSION) {
		err_set(err, ERR_FORMAT, "version 1 is spoken here");
		return SERVE_VERSION_UNKNOWN;
	}
	if (!has_id)
		return bad(err, "'id' is neither a whole number nor a text of up to 64 bytes");
	ret->kind = json_span_equal(&kind, "report") ? SERVE_REPORT : SERVE_GET;
	if (ret->kind == SERVE_GET && !json_span_equal(&kind, "get")) {
		err_set(err, ERR_FORMAT, "'kind' is neither 'get' nor 'report'");
		return SERVE_UNSUPPORTED;
	}
	error = read_subject(scan, ret, err);
	if (error)
		return error;
	return ret->kind == SERVE_GET ? read_get(scan, ret, err) : read_report(scan, ret, err);
}

enum serve_error serve_request_parse(const char *line, size_t size, struct serve_request *ret,
				     struct err *err)
{
	struct json_pair pairs[PAIRS_MAX];
	struct json_scan scan = {.pairs = pairs, .capacity = PAIRS_MAX};

	memcpy(ret->id, "null", sizeof("null"));
	if (json_scan(&scan, line, size, err))
		return SERVE_BAD_REQUEST;
	return read_members(&scan, ret, err);
}
