/* SPDX-License-Identifier: Apache-2.0 */
/* whoami's answers: what comes out can be shown, and nothing is lost to itself. */
#include "tests/fuzz/fuzz.h"

#include "core/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	AUTOIDENTITY struct identity identity = {0};
	AUTOIDENTITY struct identity again = {0};
	AUTOBUF struct buf printed = {0};
	AUTOBUF struct buf lost = {0};
	struct token token = {0};

	if (identity_parse(text, size, NULL, &identity, NULL))
		return 0;
	CHECK(*identity.account);
	check_text(identity.account);
	check_text(identity.fullname);
	check_text(identity.email);
	check_text(identity.type);
	check_text(identity.display_name);
	identity_apply(&identity, &token);
	json_each (org, identity_orgs(&identity))
		(void)json_member_text(org, "name");
	if (identity_print(&identity, &printed, NULL))
		return 0;
	CHECK(identity_parse(printed.data, printed.size, NULL, &again, NULL) == 0);
	CHECK(strcmp(identity.account, again.account) == 0);
	CHECK(identity.kind == again.kind);
	identity_lost(&identity, &again, &lost);
	for (size_t i = 0; i < lost.size; i++)
		CHECK(lost.data[i] == '\n' || (unsigned char)lost.data[i] >= ' ');
	return 0;
}
