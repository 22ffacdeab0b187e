/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what a program said when the Hub refused it: tracebacks, git's and curl's output, logs, as
 * they are pasted or piped. Finds out which repository it was about, and what was said.
 *
 * A text can hold several errors and name several repositories. The rule:
 *
 *  1. The text is cut into incidents. One begins at a shell's or Python's prompt, at a traceback
 *     that is not chained to the one before, and where git starts a clone.
 *  2. The last incident that holds a refusal counts: an answer of the Hub, or a client that
 *     reports one by its status. If there is none, the last one that speaks of a bad connection.
 *     (That order matters: huggingface_hub shows most 403s as a bad connection.)
 *  3. Within it, words of the Hub that we know win over words that we do not, those over a client's,
 *     and those over a bare status. Among equals the first exception of a chain wins, which is the
 *     innermost one: the cause of all others. Outside of chains the last one wins, which comes
 *     after redirects and retries.
 *  4. The repository is the one nearest to that refusal, in the same exception if it names one;
 *     the URL of a request before a link to a page, and that before an id in quotes or in code.
 *
 * Sources: the Hub's texts as clients show them (huggingface_hub, transformers, git, git-lfs, curl,
 * wget, llama.cpp); tests/vectors/complaints holds real ones.
 */
#pragma once

#include "core/repo.h"

#define COMPLAINT_MAX             ((size_t)1 << 20) /* bytes of text */
#define COMPLAINT_WORDS_SIZE      401
#define COMPLAINT_REQUEST_ID_SIZE 129

enum complaint_operation {
	COMPLAINT_UNKNOWN,
	COMPLAINT_READ,
	COMPLAINT_WRITE,
	COMPLAINT_OPERATION_COUNT,
};
extern const char *const complaint_operation_names[COMPLAINT_OPERATION_COUNT]; /* "unknown"… */

/* Caller-owned, nothing to release. Without a repository, `repo` may still hold the endpoint. Texts are clean, and tokens in them are masked. */
struct complaint {
	bool has_refusal; /* something in it says that something went wrong */
	bool is_git;      /* git or git-lfs said it */
	bool has_repo;
	struct repo repo; /* revision, path and endpoint as far as they were named, else "" */
	enum complaint_operation operation;
	int status; /* of HTTP, 400 to 599; 0 if none was named */
	/*
	 * What the text itself says, by the names of the causes that `why` reports: "no-token",
	 * "gate-not-asked", "unreachable"… A constant; "" if it leaves it open, as when the Hub says
	 * that the right to write is missing, but not whether it is the token's or the account's.
	 */
	const char *cause;
	char words[COMPLAINT_WORDS_SIZE];           /* the Hub's own, "" if none were shown */
	char request_id[COMPLAINT_REQUEST_ID_SIZE]; /* that support can look up; "" if none */
};

/*
 * `text` may hold anything, NUL too. ERR_NOT_FOUND if it names neither a repository nor a refusal,
 * ERR_USAGE if it is longer than COMPLAINT_MAX.
 */
int complaint_read(const char *text, size_t size, struct complaint *ret,
		   struct err *err) MUST_CHECK;
