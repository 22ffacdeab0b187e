/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken doctor`: looks at everything that hftoken depends on, and says how to mend what is wrong.
 *
 * cmd_doctor.c has the table of checks. Each is a function that adds findings, at least one of them,
 * and goes on whatever it finds: damage is what they are for. They wait for nothing without a
 * deadline, and show no secret.
 */
#pragma once

#include "cli/command.h"
#include "core/checkup.h"
#include "core/findings.h"
#include "core/session.h"

#define DOCTOR_STORES 2

/* What one store said. */
struct doctor_store {
	const char *name;
	size_t tokens; /* that the catalogue has in it */
	int64_t ms;    /* that it took to answer */
	struct store_state state;
	bool listed;
	struct buf ids; /* of its records, a line each, if it is listed */
};

struct doctor {
	struct cli *cli;
	struct findings findings;
	/* As far as it could be opened: what could not is empty, or as usual. */
	struct session session;
	struct err endpoint_err; /* code 0: nothing is wrong */
	struct err catalogue_err;
	bool offline;
	struct doctor_store stores[DOCTOR_STORES];
	bool hub_answered;
	int64_t hub_time; /* by the Hub's Date, or TIME_UNKNOWN */
};

/* The checks. */
void doctor_environment(struct doctor *doctor);
void doctor_tokens(struct doctor *doctor);
void doctor_hf(struct doctor *doctor);
void doctor_git(struct doctor *doctor);
void doctor_git_helper(struct doctor *doctor);
void doctor_plain_text(struct doctor *doctor);
void doctor_docker(struct doctor *doctor);
void doctor_bazel(struct doctor *doctor);
void doctor_files(struct doctor *doctor);
void doctor_disk(struct doctor *doctor);
void doctor_left_files(struct doctor *doctor);
void doctor_settings(struct doctor *doctor);
void doctor_rules(struct doctor *doctor);
void doctor_catalogue(struct doctor *doctor);
void doctor_store(struct doctor *doctor);
void doctor_secrets(struct doctor *doctor);
void doctor_cache(struct doctor *doctor);
void doctor_memory(struct doctor *doctor);
void doctor_installation(struct doctor *doctor);
void doctor_endpoint(struct doctor *doctor);
void doctor_proxy(struct doctor *doctor);
void doctor_certificates(struct doctor *doctor);
void doctor_hub(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);

/* Opens what can be opened. Release in any case. */
int doctor_open(struct doctor *doctor, struct cli *cli, struct err *err) MUST_CHECK;
void doctor_release(struct doctor *doctor);

/* The one word of a shell's that stands for a path, for the caller to free(); NULL without memory. */
char *doctor_quote(const char *path);

/* Adds a regular expression of git's (POSIX, extended) that is this text and no other, not anchored. */
void doctor_put_expression(struct buf *ret, const char *text);

/*
 * Whether a store gives the very token, for that Hub: only then may a fix take away where it was found.
 * Quotes, white space and the word Bearer around it are no part of it.
 */
bool doctor_is_stored(struct doctor *doctor, const char *value, const char *endpoint);

/*
 * " --endpoint 'URL'" for a command about that Hub, "" where it is the one in force anyway; for the
 * caller to free(), NULL without memory.
 */
char *doctor_endpoint_option(const struct doctor *doctor, const char *endpoint);

/* `hftoken login NAME`, at the token's own Hub. */
void doctor_put_login(struct doctor *doctor, const struct token *token);

/* The command that mends what --fix mends. */
#define DOCTOR_FIX "hftoken doctor --fix --yes"

/* The program `hftoken` of this installation, for the caller to free(); NULL if it is not there. */
char *doctor_program(void);

/* What `PROGRAM --version` says, in `ret`; false if it does not, soon. */
#define DOCTOR_VERSION_SIZE 64
bool doctor_version_of(const char *program, char ret[DOCTOR_VERSION_SIZE]);

/* ---- what --fix mends ------------------------------------------------------------------------- */

/* Does all of it, after having asked; a line for each thing done goes to cli->out, or to `ret`. */
int doctor_fix(struct cli *cli, struct buf *ret, struct err *err) MUST_CHECK;

/* A file or folder of ours that is not as it should be. */
struct doctor_file {
	const char *path;
	enum checkup_kind kind;
	enum checkup_fault fault;
	bool link; /* a symbolic link where none may be */
};
typedef void (*doctor_file_found)(void *user, const struct doctor_file *file);
void doctor_each_fault(doctor_file_found found, void *user);

/* A temporary file of a writer that was killed, older than an hour. */
struct doctor_left {
	int folder;
	const char *path;
	const char *name;
};
#define DOCTOR_LEFT_SECONDS 3600
typedef void (*doctor_left_found)(void *user, const struct doctor_left *left);
void doctor_each_left(doctor_left_found found, void *user);

/*
 * Removes one, unless somebody is at work on it: under the lock of its writers. False if it stays.
 */
bool doctor_remove_left(const struct doctor_left *left);

/*
 * Whether a record that no token leads to is nobody's: only then --fix removes it. An old one of a
 * token goes only if that token's own was just read from its store. `token` is NULL for an orphan.
 */
bool doctor_may_remove(struct session *session, enum checkup_record what, const char *store,
		       const struct token *token);
