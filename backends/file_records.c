/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_records.h"

#include <string.h>

#include "backends/file_bytes.h"

#define COUNT_SIZE ((size_t)4)
#define HEAD_SIZE  ((size_t)4) /* size of the id, size of the text */

_Static_assert(RECORD_MAX <= UINT16_MAX, "the size of a text has two bytes");

static const unsigned char *bytes_at(const struct secret *records, size_t offset)
{
	return (const unsigned char *)records->data + offset;
}

/* 1 with a record, 0 at the end, ERR_DAMAGED for one that does not fit in. */
static int read_record(const struct secret *records, size_t *position, struct record *ret)
{
	size_t offset = *position ? *position : COUNT_SIZE;
	size_t left = records->size - offset;
	struct record record;

	if (left == 0)
		return 0;
	if (left < HEAD_SIZE)
		return ERR_DAMAGED;
	record.id_size = read_u16(bytes_at(records, offset));
	record.text_size = read_u16(bytes_at(records, offset + 2));
	if (record.id_size == 0 || record.id_size >= RECORD_ID_SIZE ||
	    record.text_size > RECORD_MAX ||
	    record.id_size + record.text_size > left - HEAD_SIZE)
		return ERR_DAMAGED;
	record.id = records->data + offset + HEAD_SIZE;
	record.text = record.id + record.id_size;
	*position = offset + HEAD_SIZE + record.id_size + record.text_size;
	*ret = record;
	return 1;
}

size_t records_count(const struct secret *records)
{
	return read_u32(bytes_at(records, 0));
}

int records_init(struct secret *records, struct err *err)
{
	const char none[COUNT_SIZE] = {0};

	return secret_set(records, none, sizeof(none)) ? err_no_memory(err) : 0;
}

int records_check(const struct secret *records, struct err *err)
{
	struct record record;
	size_t position = 0;
	size_t count = 0;
	int found;

	if (records->size < COUNT_SIZE)
		return err_set(err, ERR_DAMAGED, "the vault holds no list of records");
	while ((found = read_record(records, &position, &record)) > 0)
		count++;
	if (found < 0 || count != records_count(records))
		return err_set(err, ERR_DAMAGED,
			       "the records of the vault are not well-formed");
	return 0;
}

bool records_next(const struct secret *records, size_t *position, struct record *ret)
{
	return read_record(records, position, ret) > 0;
}

bool records_find(const struct secret *records, const char *id, struct record *ret)
{
	size_t size = strlen(id);
	size_t position = 0;
	struct record record;

	while (records_next(records, &position, &record)) {
		if (record.id_size == size && memcmp(record.id, id, size) == 0) {
			*ret = record;
			return true;
		}
	}
	return false;
}

static void change_count(struct secret *records, int by)
{
	size_t count = records_count(records) + (size_t)by;

	write_u32((unsigned char *)records->data, (uint32_t)count);
}

int records_add(struct secret *records, const char *id, const struct secret *text,
		struct err *err)
{
	size_t id_size = strlen(id);
	unsigned char head[HEAD_SIZE];

	if (id_size >= RECORD_ID_SIZE || text->size > RECORD_MAX)
		return err_set(err, ERR_FORMAT, "record is larger than %zu bytes", RECORD_MAX);
	if (records_count(records) >= STORE_RECORDS_MAX)
		return err_set(err, ERR_NO_SPACE, "the vault holds %d records and is full",
			       STORE_RECORDS_MAX);
	write_u16(head, (uint16_t)id_size);
	write_u16(head + 2, (uint16_t)text->size);
	if (secret_reserve(records, sizeof(head) + id_size + text->size))
		return err_set(err, ERR_NO_SPACE, "the vault is full");
	if (secret_add(records, (const char *)head, sizeof(head)) ||
	    secret_add(records, id, id_size) ||
	    secret_add(records, secret_text(text), text->size))
		return err_no_memory(err);
	change_count(records, 1);
	return 0;
}

void records_remove(struct secret *records, const struct record *record)
{
	char *start = records->data + (record->id - records->data) - HEAD_SIZE;
	size_t size = HEAD_SIZE + record->id_size + record->text_size;
	size_t behind = records->size - (size_t)(start - records->data) - size;

	memmove(start, start + size, behind);
	secret_truncate(records, records->size - size);
	change_count(records, -1);
}
