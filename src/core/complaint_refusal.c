/* SPDX-License-Identifier: Apache-2.0 */
#include "core/complaint_parts.h"

#include <string.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool begins_word(const struct line *line, size_t at)
{
	return at == 0 || !(is_letter(line->text[at - 1]) || is_digit(line->text[at - 1]));
}

/* ---- statuses --------------------------------------------------------------------------------- */

static bool follows_status_word(const struct line *line, size_t at)
{
	static const char *const words[] = {
		"HTTP/1.1 ", "HTTP/1.0 ", "HTTP/2 ",      "HTTP/3 ",    "HTTP ",   "error: ",
		"error ",    "code: ",    "code ",        "code=",      "status ", "status: ",
		"status=",   "status:",   "response... ", "received: ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t size = strlen(words[i]);

		if (size <= at && complaint_match(line->text + at - size, words[i]))
			return true;
	}
	return false;
}

static bool precedes_reason(const char *text)
{
	static const char *const words[] = {
		" Client Error",        " Server Error",
		" Bad Request",         " Unauthorized",
		" Payment Required",    " Forbidden",
		" Not Found",           " Conflict",
		" Too Many Requests",   " Internal Server Error",
		" Bad Gateway",         " Service Unavailable",
		" Service Temporarily", " Gateway Time",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (complaint_match(text, words[i]))
			return true;
	}
	return false;
}

static size_t find_status(const struct line *line)
{
	for (size_t i = 0; i + 3 <= line->size; i++) {
		const char *text = line->text + i;

		if ((*text == '4' || *text == '5') && is_digit(text[1]) && is_digit(text[2]) &&
		    begins_word(line, i) &&
		    (i + 3 == line->size || (!is_digit(text[3]) && !is_letter(text[3]))) &&
		    (follows_status_word(line, i) || precedes_reason(text + 3)))
			return i;
	}
	return line->size;
}

int complaint_status(const struct line *line)
{
	size_t at = find_status(line);
	const char *text = line->text + at;

	if (at == line->size)
		return 0;
	return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

static void try_status(const struct line *line, struct refusal *ret)
{
	int status = ret->weight < WEIGHT_STATUS ? complaint_status(line) : 0;

	if (!status)
		return;
	ret->weight = WEIGHT_STATUS;
	ret->operation = COMPLAINT_UNKNOWN;
	ret->words = NULL;
	ret->line = *line;
	ret->cause = "";
	if (status == 429)
		ret->cause = "rate-limited";
	else if (status >= 500)
		ret->cause = "hub-error";
}

/* ---- words that we do not know ---------------------------------------------------------------- */

/* "403 Forbidden: …" of huggingface_hub, where it hands on what the Hub has said */
static const char *behind_reason(const struct line *line)
{
	size_t at = find_status(line);
	const char *reason = line->text + at + 3;
	const char *end = line->text + line->size;

	if (at != 0 || line->size <= 4 || complaint_match(reason, " * Error"))
		return NULL; /* "403 Client Error: …" goes on in the client's words */
	while (reason < end && (is_letter(*reason) || *reason == ' '))
		reason++;
	return end - reason > 2 && reason[0] == ':' && reason[1] == ' ' ? reason + 2 : NULL;
}

/* git hands on what the Hub has said, and gives up in the next line. */
static const char *behind_remote(const struct line *line)
{
	const char *words = complaint_match(line->text, "remote: ");
	const char *next = line->text + line->size;

	return words && *next && complaint_match(next + 1, "fatal: ") ? words : NULL;
}

static void try_unknown_words(const struct line *line, struct refusal *ret)
{
	const char *words = NULL;
	const char *field;

	if (ret->weight >= WEIGHT_WORDS)
		return;
	field = complaint_find(line, "\"error\":");
	if (field) {
		field += strlen("\"error\":");
		field += *field == ' ';
		words = *field == '"' ? field + 1 : NULL;
	}
	field = complaint_find(line, "X-Error-Message: ");
	if (field)
		words = field + strlen("X-Error-Message: ");
	if (!words)
		words = behind_reason(line);
	if (!words)
		words = behind_remote(line);
	if (!words || words >= line->text + line->size)
		return;
	if (ret->weight < WEIGHT_STATUS)
		ret->cause = "";
	ret->weight = WEIGHT_WORDS;
	ret->words = words;
	ret->line = *line;
}

/* What a client has put before the Hub's words. */
static const char *skip_labels(const char *words)
{
	static const char *const labels[] = {
		"remote: ", "batch response: ", "X-Error-Message: ", "\"error\":\""};

	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		if (complaint_match(words, labels[i]))
			return words + strlen(labels[i]);
	}
	return words;
}

void complaint_refusal(const struct line *line, struct refusal *ret)
{
	*ret = (struct refusal) {.cause = ""};
	complaint_try_line(line, ret);
	for (size_t i = 0; i < line->size; i++) {
		if (line->text[i] != ' ' && (line->text[i] == '"' || begins_word(line, i)))
			complaint_try_phrases(line, line->text + i, ret);
	}
	try_status(line, ret);
	try_unknown_words(line, ret);
	if (complaint_find(line, "create_pr=1"))
		ret->operation = COMPLAINT_WRITE;
	if (ret->words)
		ret->words = skip_labels(ret->words);
}

/* ---- other facts ------------------------------------------------------------------------------ */

const char *complaint_request_id(const struct line *line)
{
	static const char *const fields[] = {
		"Request ID: ", "X-Request-Id: ", "X-Amzn-Trace-Id: ", "X-Amz-Cf-Id: "};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *field = complaint_find(line, fields[i]);

		if (field)
			return field + strlen(fields[i]);
	}
	return NULL;
}

static bool has_any(const struct line *line, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (complaint_find(line, words[i]))
			return true;
	}
	return false;
}

enum complaint_operation complaint_doing(const struct line *line)
{
	static const char *const writing[] = {
		"upload_file(",      "upload_folder(",         "upload_large_folder(",
		"create_commit(",    "push_to_hub(",           "create_repo(",
		"hf upload",         "huggingface-cli upload", "git push",
		"git-receive-pack",  "failed to push",         "Uploading LFS",
		"[remote rejected]", "auth-check/write",       "/preupload/",
		"/api/repos/create",
	};
	static const char *const reading[] = {
		"hf_hub_download(", "snapshot_download(",
		"from_pretrained(", "load_dataset(",
		"hf download",      "huggingface-cli download",
		"Cloning into '",   "git clone",
		"git pull",         "git fetch",
		"git-upload-pack",  "/resolve/",
		"/resolve-cache/",  "Failed to fetch some objects",
		"Smudge error",     "cached_file(",
		"/auth-check",      "Fetching * files",
	};

	if (has_any(line, writing, ARRAY_SIZE(writing)))
		return COMPLAINT_WRITE;
	return has_any(line, reading, ARRAY_SIZE(reading)) ? COMPLAINT_READ : COMPLAINT_UNKNOWN;
}
