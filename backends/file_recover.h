/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/store.h"

/* As in struct store_backend. */
int file_recover(const struct store_call *call, bool apply, struct store_backup *ret,
		 struct err *err) MUST_CHECK;
