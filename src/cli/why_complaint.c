/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages: the repository they are about, and what they say. */
#include "base/io.h"
#include "base/text.h"
#include "cli/ui.h"
#include "cli/why.h"
#include "core/complaint.h"

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

/* What it says in so many words; the answer of today comes below. */
static void say_complaint(const struct complaint *complaint)
{
	enum cause cause = cause_by_name(complaint->cause);

	if (*complaint->words)
		ui_say("it says: \"%s\"", complaint->words);
	if (cause != CAUSE_COUNT)
		ui_say("which means: %s (%s)", causes[cause].words, causes[cause].name);
}

int why_read_complaint(struct why_question *ret, struct err *err)
{
	AUTOSECRET struct secret text = {0};
	struct complaint complaint;
	int error;

	if (isatty(STDIN_FILENO))
		ui_say("Paste the error message, then press Ctrl-D:");
	error = io_read_all(STDIN_FILENO, &text, COMPLAINT_MAX, deadline_in(PASTE_MS), err);
	if (!error)
		error = complaint_read(secret_text(&text), text.size, &complaint, err);
	if (error)
		return err_set(err, ERR_USAGE, "the message cannot be read: %s",
			       error == ERR_NOT_FOUND ? "it names no repository and no refusal"
						      : err->message);
	say_complaint(&complaint);
	if (!complaint.has_repo) {
		err_set(err, ERR_USAGE, "the message names no repository");
		return err_hint(err, "hftoken why REPO");
	}
	ret->repo = complaint.repo;
	ret->write = complaint.operation == COMPLAINT_WRITE;
	ret->pasted = true;
	take_place(&complaint, ret);
	return 0;
}
