/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats in which other programs keep passwords in plain text. Pure; texts are cut up in place.
 *
 * Sources: netrc(5) and libcurl's lib/netrc.c (quotes, `#`); git-credential-store(1); python-dotenv.
 */
#pragma once

#include "base/secret.h"
#include "base/url.h"

/* Texts lie in what was parsed. */
struct credential {
	const char *scheme;   /* NULL: any */
	const char *host;     /* with its port; NULL: any (netrc's `default`) */
	const char *password; /* never NULL */
	const char *name;     /* of a variable, in .env; else NULL */
	const char *user;     /* of a URL; else NULL */
};
typedef void (*credential_found)(void *user, const struct credential *credential);

/* machine HOST login USER password TEXT */
void credentials_of_netrc(struct secret *text, credential_found found, void *user);

/* https://USER:PASSWORD@HOST, a line each, percent-encoded */
void credentials_of_git(struct secret *text, credential_found found, void *user);

/* HF_TOKEN=…, export HUGGING_FACE_HUB_TOKEN="…" */
void credentials_of_dotenv(struct secret *text, credential_found found, void *user);

/* The one in a URL, which is cut up; false if it has no password. */
bool credential_of_url(char *url, struct credential *ret);

/* The password in docker's `auth`: base64 of USER:PASSWORD. False if there is none. */
bool credential_of_auth(const char *auth, struct secret *ret);

/* Whether it is for that endpoint; a netrc names no port. */
bool credential_is_for(const struct credential *credential, const char *endpoint);
