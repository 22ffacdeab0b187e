/* SPDX-License-Identifier: Apache-2.0 */
/* Grants in a column: any text can be read, and what was read, once written, reads as the same. */
#include "tests/fuzz/fuzz.h"

#include "core/grants_compact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOROOM struct grants_room room = {0};
	AUTOROOM struct grants_room second = {0};
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf again = {0};
	char *copy = copy_input(data, size);
	struct token token = {
		.account = "alice", .kind = KIND_FINE_GRAINED, .grants = copy, .verified = 5};
	struct grants grants;
	struct grants found;

	grants_compact_read(&token, NULL, &room, &grants);
	if (grants.known) {
		grants_compact_print(&grants, 5, &text);
		token.grants = buf_text(&text);
		grants_compact_read(&token, NULL, &second, &found);
		CHECK(found.known && found.entity_count == grants.entity_count);
		CHECK(grants_breadth(&found) == grants_breadth(&grants));
		grants_compact_print(&found, 5, &again);
		CHECK(strcmp(buf_text(&text), buf_text(&again)) == 0);
	}
	free(copy);
	return 0;
}
