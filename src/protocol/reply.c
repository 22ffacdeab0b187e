/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/reply.h"

#include <string.h>

#include "base/text.h"

int reply_add(struct secret *reply, const char *text, struct err *err)
{
	return secret_add_text(reply, text) ? err_no_memory(err) : 0;
}

/* `\u00XX`, without the C library's buffers. */
static int add_escape(struct secret *reply, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";
	const char escape[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};

	return secret_add(reply, escape, sizeof(escape));
}

int reply_add_json(struct secret *reply, const char *text, size_t size, struct err *err)
{
	int error = secret_add(reply, "\"", 1);

	if (!utf8_is_valid(text, size) || memchr(text, '\0', size))
		return err_set(err, ERR_FORMAT, "a text that is not UTF-8 does not fit JSON");
	for (size_t i = 0; i < size && !error; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < ' ' || byte == 0x7f)
			error = add_escape(reply, byte);
		else if (byte == '"' || byte == '\\')
			error = secret_add(reply, byte == '"' ? "\\\"" : "\\\\", 2);
		else
			error = secret_add(reply, text + i, 1);
	}
	if (!error)
		error = secret_add(reply, "\"", 1);
	return error ? err_no_memory(err) : 0;
}

int reply_send(const struct secret *reply, deadline_ms deadline, struct err *err)
{
	if (io_write_all(STDOUT_FILENO, secret_text(reply), reply->size, deadline, err))
		return err_set(err, ERR_FAILED, "cannot write the answer");
	return 0;
}
