/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `hftoken login`: cmd_login.c leads, login_input.c gets the token, login_plan.c
 * decides what becomes of it, login_show.c tells the user.
 */
#pragma once

#include "cli/command.h"
#include "core/hf_follow.h"
#include "hub/api.h"

enum login_action {
	LOGIN_ADD,
	LOGIN_REPLACE, /* another secret under the same name and id */
	LOGIN_REFRESH, /* the same secret: only what is known of it changes */
};

struct login {
	struct cli *cli;
	struct session session;
	const char *wished; /* the name that was given; NULL if none */
	const char *store;
	bool store_was_empty; /* nothing was in it: a new vault, say */
	bool by_ladder;       /* nobody chose the store */
	char store_why[256];  /* why not a better one; "" if it was chosen, or is the best */
	struct secret secret;
	struct hub_whoami ask; /* status HUB_UNREACHABLE and error 0 with --no-verify */
	bool verified;

	/* decided by login_plan() */
	enum login_action action;
	char name[TOKEN_NAME_MAX + 1];
	struct buf lost;             /* what a replacement can no longer do, a line each */
	bool confirmed;              /* the user agreed to lose that */
	char dead_id[TOKEN_ID_SIZE]; /* the stored token that the Hub has called dead */

	struct hf_follow follow;
};

/*
 * ERR_USAGE where no login is needed: in an automatic run (CI) or beside a mounted token. Only for
 * those who have not said where to keep it.
 */
int login_check_need(struct login *login, struct err *err) MUST_CHECK;

/*
 * Before a token is read or shown to any Hub: ERR_FAILED where the name is that of another Hub's
 * token, and --replace was not given. login_plan() would refuse it, whatever the token is.
 */
int login_check_name(const struct login *login, struct err *err) MUST_CHECK;

/* Where the token comes from: options, a pipe, huggingface_hub's file, or a paste. */
int login_input(struct login *login, struct err *err) MUST_CHECK;

/*
 * Decides between adding, replacing and refreshing, asking the user (and the Hub, about a token
 * that is in the way) where it has to. Called again under the lock with `locked`, when it may do
 * neither: what has changed in between is ERR_BUSY.
 */
int login_plan(struct login *login, bool locked, struct err *err) MUST_CHECK;

/* The page that makes the right token, for people without one. */
void login_show_page(const struct login *login);

/* The answer, into cli->out; and on stderr what should be done next. */
void login_show_result(struct login *login, const struct token *token);
void login_show_next(struct login *login, const struct token *token);
