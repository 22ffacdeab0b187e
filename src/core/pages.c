/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pages.h"

#include <string.h>

bool pages_exist(const char *endpoint)
{
	return endpoint_is_hub(endpoint) || endpoint_is_loopback(endpoint);
}

void page_escape(struct buf *ret, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
			     (byte >= '0' && byte <= '9') || strchr("-._~", byte);

		if (plain)
			buf_add_char(ret, *text);
		else
			buf_printf(ret, "%%%02X", byte);
	}
}

void page_new_token(const char *endpoint, const char *org, bool write, struct buf *ret)
{
	buf_printf(ret, "%s/settings/tokens/new?tokenType=fineGrained&canReadGatedRepos=true",
		   endpoint);
	buf_add_text(ret, "&ownUserPermissions=repo.content.read");
	if (write)
		buf_add_text(ret, "&ownUserPermissions=repo.write");
	if (!org)
		return;
	buf_add_text(ret, "&orgs=");
	page_escape(ret, org);
	buf_add_text(ret, "&orgPermissions=repo.content.read");
	if (write)
		buf_add_text(ret, "&orgPermissions=repo.write");
}

void page_of_repo(const char *endpoint, const struct repo *repo, struct buf *ret)
{
	char id[REPO_ID_SIZE];

	repo_id(repo, id);
	buf_printf(ret, "%s/%s%s%s", endpoint,
		   repo->type == REPO_MODEL ? "" : repo_type_words[repo->type],
		   repo->type == REPO_MODEL ? "" : "/", id);
}
