/* SPDX-License-Identifier: MIT */
#define MINI_LIMIT 16
