/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue's file format: between the files catalogue*.c only.
 */
#pragma once

#include "base/buf.h"
#include "core/catalogue.h"

#define CATALOGUE_MAGIC      "hftoken-catalogue "
#define CATALOGUE_VERSION    "1 "
#define CATALOGUE_SAME       "=" /* the endpoint of the token before */
#define CATALOGUE_CHECK_SIZE (sizeof("check 0123456789abcdef\n") - 1)

/*
 * Reads the first line: how many bytes the first part has, checked against the file's whole size.
 */
int catalogue_index_size(const char *text, size_t size, size_t file_size, size_t *ret,
			 struct err *err) MUST_CHECK;

/* Fills the catalogue from the text (cut up in place), checking each part that is read. */
int catalogue_parse(struct catalogue *catalogue, char *text, size_t size,
		    enum catalogue_parts parts, struct err *err) MUST_CHECK;

/* The file's text for this content. */
int catalogue_format(const struct catalogue *catalogue, uint64_t generation, struct buf *ret,
		     struct err *err) MUST_CHECK;

/* Memory within the catalogue, with a NUL behind it; room for one more token; one more default. */
char *catalogue_room(struct catalogue *catalogue, size_t size);
struct token *catalogue_grow(struct catalogue *catalogue);
int catalogue_reserve(struct catalogue *catalogue, size_t capacity); /* of tokens */
int catalogue_add_default(struct catalogue *catalogue, const char *endpoint, const char *id);

/* For catalogue_recover.c: one file of the catalogue's folder, which is open. */
#define CATALOGUE_FILE     "catalogue"
#define CATALOGUE_PREVIOUS CATALOGUE_FILE ".prev"
#define CATALOGUE_LOCK     CATALOGUE_FILE ".lock"
int catalogue_read_file(struct catalogue *catalogue, const char *name,
			enum catalogue_parts parts, struct err *err) MUST_CHECK;
