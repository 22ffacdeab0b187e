/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huggingface_hub's token file follows the default token while the setting `hf.follow` is on.
 *
 *	AUTOFOLLOW struct hf_follow follow = HF_FOLLOW_NONE;
 *
 *	hf_follow_begin(&follow, &session);
 *	... change tokens or the default, and commit ...
 *	error = hf_follow_end(&follow, &session, &outcome, &err);
 *
 * Both under the catalogue's lock, so that of two writers the later one has the last word here too.
 * The look beforehand tells that the file holds a token of ours which is gone afterwards. No trace
 * of what was written is kept anywhere: a token is ours if a store has it.
 */
#pragma once

#include "core/hf_token.h"

struct hf_follow {
	bool on;
	bool taken; /* by hf_follow_take() */
	int error;  /* of the look beforehand; a store that hangs is not waited for twice */
	struct err err;
	struct hf_token before;
	struct hf_token now; /* the file as it was found by hf_follow_end() */
};

#define HF_FOLLOW_NONE                                        \
	{                                                     \
		.before = HF_TOKEN_NONE, .now = HF_TOKEN_NONE \
	}

enum hf_outcome {
	HF_KEPT,     /* it holds what it should, or following is off */
	HF_WRITTEN,  /* it holds the default token now */
	HF_REMOVED,  /* there is no default token any more */
	HF_LEFT,     /* a token that is not ours, or a session of huggingface_hub's */
	HF_LEFT_HUB, /* a stored token of another Hub than the one that variables name now */
};

void hf_follow_begin(struct hf_follow *follow, struct session *session);

/*
 * The file goes now if it holds that token, which is about to be removed: a writer that is killed
 * later must not leave it in plain text, where nobody would know it for ours any more.
 */
void hf_follow_take(struct hf_follow *follow, const struct session *session, const char *name);

/*
 * The removal has failed: the file is put back if the catalogue still has the token, which it may not
 * have although the answer was an error. Best effort: `setup hf` does it again.
 */
void hf_follow_give_back(struct hf_follow *follow);

/* An error means that the file is as it was; the change itself is done, and stays. */
int hf_follow_end(struct hf_follow *follow, struct session *session, enum hf_outcome *ret,
		  struct err *err) MUST_CHECK;
void hf_follow_release(struct hf_follow *follow);
#define AUTOFOLLOW CLEANUP(hf_follow_release)

/* The default token of the Hub that huggingface_hub talks to; NULL if there is none. */
const struct token *hf_follow_target(const struct session *session);

/* Puts that token into the file whatever lies there; HF_KEPT if it holds that already. */
int hf_follow_write(struct session *session, const struct hf_token *file, enum hf_outcome *ret,
		    struct err *err) MUST_CHECK;
