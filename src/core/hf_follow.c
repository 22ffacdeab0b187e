/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hf_follow.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"

void hf_follow_release(struct hf_follow *follow)
{
	hf_token_release(&follow->before);
	hf_token_release(&follow->now);
}

const struct token *hf_follow_target(const struct session *session)
{
	return catalogue_default(&session->catalogue, session->source_endpoint);
}

void hf_follow_begin(struct hf_follow *follow, struct session *session)
{
	follow->on = session->settings.hf_follow;
	if (follow->on)
		follow->error = hf_token_look(&follow->before, session, &follow->err);
}

void hf_follow_take(struct hf_follow *follow, const struct session *session, const char *name)
{
	const struct hf_token *file = &follow->before;

	/* What could not be removed is tried again, and complained of, at the end. */
	if (follow->on && !follow->error && !follow->taken && hf_token_is_ours(file, session) &&
	    strcmp(file->name, name) == 0)
		follow->taken = hf_token_remove(file, NULL) == 0;
}

void hf_follow_give_back(struct hf_follow *follow)
{
	AUTOCATALOGUE struct catalogue now = CATALOGUE_NONE;
	const struct hf_token *file = &follow->before;

	/* Somebody may have logged in with hf meanwhile. */
	if (!follow->taken || access(file->path, F_OK) == 0)
		return;
	if (catalogue_load(&now, CATALOGUE_INDEX, NULL) == 0 &&
	    catalogue_find(&now, file->name) && hf_token_put(file, &file->value, NULL) == 0)
		follow->taken = false;
}

int hf_follow_write(struct session *session, const struct hf_token *file, enum hf_outcome *ret,
		    struct err *err)
{
	const struct token *target = hf_follow_target(session);
	AUTOSECRET struct secret secret = {0};
	int error;

	if (!target)
		return err_set(err, ERR_NO_TOKEN, "there is no default token");
	error = session_secret(session, target, &secret, err);
	if (error)
		return error;
	if (secret_equal(&secret, &file->value) && !file->exposed) {
		*ret = HF_KEPT;
		return 0;
	}
	error = hf_token_put(file, &secret, err);
	if (!error)
		*ret = HF_WRITTEN;
	return error;
}

/* It was a stored token's value until a moment ago. */
static void remember(struct hf_token *now, const struct hf_token *before)
{
	if (now->content != HF_FOREIGN || before->content != HF_STORED ||
	    !secret_equal(&now->value, &before->value))
		return;
	now->content = HF_STORED;
	(void)text_copy(now->name, sizeof(now->name), before->name);
	(void)text_copy(now->endpoint, sizeof(now->endpoint), before->endpoint);
}

/* What is to become of what lies there; HF_WRITTEN stands for all that hf_follow_write() does. */
static enum hf_outcome decide(const struct session *session, const struct hf_token *now)
{
	bool target = hf_follow_target(session) != NULL;

	if (now->content == HF_NOTHING)
		return target ? HF_WRITTEN : HF_KEPT;
	if (now->content != HF_STORED)
		return target ? HF_LEFT : HF_KEPT;
	if (!hf_token_is_ours(now, session))
		return target ? HF_LEFT_HUB : HF_KEPT;
	return target ? HF_WRITTEN : HF_REMOVED;
}

int hf_follow_end(struct hf_follow *follow, struct session *session, enum hf_outcome *ret,
		  struct err *err)
{
	enum hf_outcome outcome = HF_KEPT;
	int error = follow->error;

	if (error && err)
		*err = follow->err;
	if (follow->on && !error)
		error = hf_token_look(&follow->now, session, err);
	if (error)
		return error;
	remember(&follow->now, &follow->before);
	if (follow->on)
		outcome = decide(session, &follow->now);
	if (outcome == HF_WRITTEN)
		return hf_follow_write(session, &follow->now, ret, err);
	if (outcome == HF_REMOVED)
		error = hf_token_remove(&follow->now, err);
	if (!error)
		*ret = outcome == HF_KEPT && follow->taken ? HF_REMOVED : outcome;
	return error;
}
