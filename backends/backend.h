/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one file in this folder gives to the shared main(): a store. See README.md for a checklist.
 */
#pragma once

#include "core/store.h"

extern const struct store_backend store_backend;
