/* SPDX-License-Identifier: MIT
 *
 * Options of the port qemu. The board's name and chip come from mpconfigboard.mk.
 */
#include "lib/cortexm/cortexm.h"

#define MICROPY_PY_SYS_PLATFORM "qemu"

/* Waiting for a key must not cost the host a processor. */
#define MICROPY_EVENT_POLL_HOOK cortexm_idle()
