/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages: the repository they are about, what they say, and whether that can be so. */
#include "base/io.h"
#include "base/text.h"
#include "cli/git_config.h"
#include "cli/why.h"

#define PASTE_MS 600000 /* somebody may still be looking for it */

/* What was refused, where it was not the repository as a whole. */
static void take_place(const struct complaint *complaint, struct why_question *ret)
{
	enum cause cause = cause_by_name(complaint->cause);

	if (cause == CAUSE_NO_SUCH_FILE || cause == CAUSE_NO_SUCH_REVISION)
		(void)text_copy(ret->revision, sizeof(ret->revision), complaint->repo.revision);
	if (cause == CAUSE_NO_SUCH_FILE)
		(void)text_copy(ret->file, sizeof(ret->file), complaint->repo.path);
}

/*
 * Of a pipe everything is read, however long the program behind it runs: it would die of a pipe that
 * is closed. What went wrong stands at the end.
 */
static int read_text(struct secret *ret, struct err *err)
{
	bool is_typed = isatty(STDIN_FILENO);

	if (is_typed)
		ui_say("Paste the error message, then press Ctrl-D:");
	return io_read_tail(STDIN_FILENO, ret, COMPLAINT_MAX,
			    is_typed ? deadline_in(PASTE_MS) : NO_DEADLINE, err);
}

static int nothing_in_it(struct err *err)
{
	err_set(err, ERR_USAGE,
		"no refusal in it: the message names no repository and no "
		"refusal of the Hub");
	return err_hint(err, "paste the whole message, or ask about the repository: hftoken "
			     "why REPO");
}

int why_read_complaint(struct why_question *ret, struct err *err)
{
	AUTOSECRET struct secret text = {0};
	int error = read_text(&text, err);

	if (error) {
		err_context(err, "the message cannot be read");
		return error;
	}
	error = complaint_read(secret_text(&text), text.size, &ret->said, err);
	if (error)
		return error == ERR_NOT_FOUND ? nothing_in_it(err) : error;
	ret->repo = ret->said.repo;
	ret->write = ret->said.operation == COMPLAINT_WRITE;
	ret->pasted = true;
	if (ret->said.has_repo)
		take_place(&ret->said, ret);
	return 0;
}

/* Words that the Hub has for a token and what it may do, not for a failure of its own. */
static bool is_about_a_token(enum cause cause)
{
	switch (cause) {
	case CAUSE_NO_TOKEN:
	case CAUSE_TOKEN_INVALID:
	case CAUSE_TOKEN_EXPIRED:
	case CAUSE_TOKEN_MALFORMED:
	case CAUSE_SCOPE_MISSING:
	case CAUSE_NOT_VISIBLE:
		return true;
	default:
		return (cause >= CAUSE_GATE_NOT_ASKED && cause <= CAUSE_GATE_TOKEN_SETTING) ||
		       (cause >= CAUSE_ORG_APPROVAL && cause <= CAUSE_ORG_IP);
	}
}

/* What git said then has nothing to do with the tokens that are here. */
static bool lacks_helper(const struct complaint *complaint)
{
	const char *endpoint = *complaint->repo.endpoint ? complaint->repo.endpoint
							 : "https://huggingface.co";

	return complaint->is_git && is_about_a_token(cause_by_name(complaint->cause)) &&
	       git_asks_us(endpoint) == NO;
}

void why_say_complaint(const struct complaint *complaint)
{
	enum cause cause = cause_by_name(complaint->cause);

	if (*complaint->words)
		ui_say("it says: \"%s\"", complaint->words);
	if (cause != CAUSE_COUNT)
		ui_say("which means: %s (%s)", causes[cause].words, causes[cause].name);
	if (!complaint->has_refusal)
		ui_say("there is no refusal in it; the repository that it names is asked "
		       "about");
	if (complaint->has_repo && lacks_helper(complaint))
		ui_say("git does not ask hftoken: hftoken setup git");
}

/* What the Hub says only to somebody who has sent a token. */
static bool needs_a_token(enum cause cause)
{
	return is_about_a_token(cause) && cause != CAUSE_NO_TOKEN && cause != CAUSE_NOT_VISIBLE;
}

void why_say_contradiction(const struct why *why)
{
	const struct complaint *said = &why->question.said;
	enum cause cause = cause_by_name(said->cause);
	int used = said->is_git ? why->in_force : why->hf.entry;

	if (!why->question.pasted || !is_about_a_token(cause))
		return;
	if (!said->is_git && why->hf.counts && !why->hf.token && needs_a_token(cause)) {
		ui_say("hf finds no token here: that message came from a token of elsewhere "
		       "(another environment, container, sudo, a service?)");
		return;
	}
	if (!why_is_allowed(why, used) || !why->evidence[used].token || lacks_helper(said))
		return;
	ui_say("%s works now: that message came from another token, or from none; the program "
	       "did not use %s (another environment, container, sudo, a service?), or it was "
	       "mended since",
	       why_name(why->evidence[used].token), why_name(why->evidence[used].token));
}

void why_json_complaint(struct json_out *out, const struct why_question *question)
{
	const struct complaint *said = &question->said;

	if (!question->pasted) {
		json_put_null(out, "message");
		return;
	}
	json_begin(out, "message", '{');
	json_put_text(out, "cause", *said->cause ? said->cause : NULL);
	json_put_text(out, "words", *said->words ? said->words : NULL);
	if (said->status)
		json_put_int(out, "http_status", said->status);
	else
		json_put_null(out, "http_status");
	json_put_text(out, "request_id", *said->request_id ? said->request_id : NULL);
	json_end(out, '}');
}
