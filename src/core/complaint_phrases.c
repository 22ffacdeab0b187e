/* SPDX-License-Identifier: Apache-2.0 */
#include "core/complaint_parts.h"

#include <string.h>

/*
 * What is said, by whom, and what it means. The Hub's own words carry WEIGHT_CAUSE, a client's
 * WEIGHT_CLIENT or less. The first one that matches wins.
 */
struct phrase {
	const char *text;
	const char *cause;
	enum weight weight;
	enum complaint_operation operation;
};

#define HUB          WEIGHT_CAUSE, COMPLAINT_UNKNOWN
#define HUB_ON_WRITE WEIGHT_CAUSE, COMPLAINT_WRITE
#define CLIENT       WEIGHT_CLIENT, COMPLAINT_UNKNOWN
#define OPEN         WEIGHT_STATUS, COMPLAINT_UNKNOWN
#define LINK         WEIGHT_LINK, COMPLAINT_UNKNOWN
#define VAGUE        WEIGHT_VAGUE, COMPLAINT_UNKNOWN

static const struct phrase phrases[] = {
	/* the account and the gate */
	{"Access to * * is restricted. You must ", "no-token", HUB},
	{"Access to * * is restricted and you are not in the authorized list", "gate-not-asked",
	 HUB},
	{"Your request to access * * is awaiting a review", "gate-pending", HUB},
	{"Your request to access * * has been rejected", "gate-rejected", HUB},
	{"Your request to access * * has been reset", "gate-reset", HUB},
	{"Please enable access to public gated repositories in your fine-grained token",
	 "gate-token-setting", HUB},

	/* the token */
	{"Invalid credentials in Authorization header", "token-invalid", HUB},
	{"User Access Token \"~\" is expired", "token-expired", HUB},
	{"remote: Invalid username or password", "token-invalid", HUB}, /* git was given one */
	{"Invalid username or password", "not-visible", HUB},
	{"Password authentication in git is no longer supported", "token-malformed", HUB},
	{"Due to the organization token policy, your token needs to be approved",
	 "org-approval", HUB},
	{"Your token has been revoked by the organization administrator", "org-revoked", HUB},

	/* writing; whether the token or the account lacks the right is not said */
	{"You have read access but not the required permissions", "", HUB_ON_WRITE},
	{"You don't have the rights to create a ", "", HUB_ON_WRITE},
	{"Private repository storage limit reached", "quota", HUB_ON_WRITE},

	/* not about tokens */
	{"Access to this resource is disabled", "repo-disabled", HUB},
	{"You have depleted your monthly included credits", "quota", HUB},
	{"We had to rate limit you", "rate-limited", HUB},
	{"Invalid rev id: ", "no-such-revision", HUB},
	{"X-Error-Message: Entry not found", "no-such-file", HUB},
	{"X-Error-Message: Repository not found", "not-visible", HUB},
	{"\"error\":\"Entry not found", "no-such-file", HUB},
	{"\"error\":\"Repository not found", "not-visible", HUB},
	{"Internal Error - We're working hard to fix this", "hub-error", HUB},

	/* huggingface_hub, hf and transformers */
	{"Repository Not Found for url", "not-visible", CLIENT},
	{"Revision Not Found for url", "no-such-revision", CLIENT},
	{"Entry Not Found for url", "no-such-file", CLIENT},
	{"Cannot access gated repo for url", "", OPEN},
	{"You are trying to access a gated repo", "", OPEN},
	{"Access denied. * '*' requires approval", "", OPEN},
	{"Error: Model '*' not found", "not-visible", CLIENT},
	{"Error: Dataset '*' not found", "not-visible", CLIENT},
	{"Error: Space '*' not found", "not-visible", CLIENT},
	{"Revision not found in ", "no-such-revision", CLIENT},
	{"File not found in ", "no-such-file", CLIENT},
	{"is not a valid git identifier (branch name", "no-such-revision", CLIENT},
	{"is not a local folder and is not a valid model identifier", "", OPEN},
	{"does not appear to have a file named", "no-such-file", CLIENT},
	{"Invalid user token.", "token-invalid", CLIENT},
	{"Token is required ", "no-token", CLIENT},
	{"you have reached your '*' rate limit", "rate-limited", CLIENT},

	/* datasets */
	{"is a gated dataset on the Hub. You must be authenticated", "no-token", CLIENT},
	{"is a gated dataset on the Hub. Visit ", "", OPEN},
	{"doesn't exist on the Hub or cannot be accessed", "not-visible", CLIENT},

	/* git, git-lfs */
	{"remote: Repository not found", "not-visible", HUB},
	{"batch response: Repository not found", "not-visible", HUB},
	{"fatal: repository '*' not found", "not-visible", CLIENT},
	{"fatal: Authentication failed for", "token-invalid", CLIENT},
	{"fatal: could not read Username for", "no-token", CLIENT},
	{"fatal: could not read Password for", "no-token", CLIENT},
	{"batch response: Authorization error", "", OPEN},
	{"batch response: Authentication required", "", OPEN},
	{"fatal: Remote branch * not found", "no-such-revision", CLIENT},
	{"fatal: couldn't find remote ref", "no-such-revision", CLIENT},

	/* headers and llama.cpp */
	{"X-Error-Code: RepoNotFound", "not-visible", CLIENT},
	{"X-Error-Code: RevisionNotFound", "no-such-revision", CLIENT},
	{"X-Error-Code: EntryNotFound", "no-such-file", CLIENT},
	{"error: model is private or does not exist", "not-visible", CLIENT},

	{"Could not resolve host", "unreachable", LINK},
	{"Couldn't resolve host", "unreachable", LINK},
	{"unable to resolve host address", "unreachable", LINK},
	{"Name or service not known", "unreachable", LINK},
	{"Temporary failure in name resolution", "unreachable", LINK},
	{"No address associated with hostname", "unreachable", LINK},
	{"Failed to connect to", "unreachable", LINK},
	{"Couldn't connect to server", "unreachable", LINK},
	{"Connection refused", "unreachable", LINK},
	{"Connection reset by peer", "unreachable", LINK},
	{"Connection timed out", "unreachable", LINK},
	{"ReadTimeout", "unreachable", LINK},
	{"ConnectTimeout", "unreachable", LINK},
	{"No route to host", "unreachable", LINK},
	{"Network is unreachable", "unreachable", LINK},
	{"SSL certificate problem", "unreachable", LINK},
	{"certificate verify failed", "unreachable", LINK},
	{"server certificate verification failed", "unreachable", LINK},
	{"Max retries exceeded", "unreachable", LINK},
	{"outgoing traffic has been disabled", "unreachable", LINK},
	{"offline mode is enabled", "unreachable", LINK},

	{"An error happened while trying to locate the file on the Hub", "", VAGUE},
	{"We couldn't connect to '*' to load", "", VAGUE},
};

void complaint_try_phrases(const struct line *line, const char *at, struct refusal *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		const struct phrase *phrase = &phrases[i];

		if (phrase->weight <= ret->weight || !complaint_match(at, phrase->text))
			continue;
		ret->weight = phrase->weight;
		ret->cause = phrase->cause;
		ret->operation = phrase->operation;
		ret->words = phrase->weight == WEIGHT_CAUSE ? at : NULL;
		ret->line = *line;
	}
}

/* The answers to a bare curl, which are short enough to stand in any text. */
void complaint_try_line(const struct line *line, struct refusal *ret)
{
	static const struct phrase lines[] = {
		{"Entry not found", "no-such-file", HUB},
		{"Repository not found", "not-visible", HUB},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (line->size != strlen(lines[i].text) ||
		    !complaint_match(line->text, lines[i].text) ||
		    ret->weight >= lines[i].weight)
			continue;
		ret->weight = lines[i].weight;
		ret->cause = lines[i].cause;
		ret->words = line->text;
		ret->line = *line;
	}
}
