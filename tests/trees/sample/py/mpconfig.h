/* SPDX-License-Identifier: MIT
 *
 * The version of this firmware and the defaults of its options. A port's mpconfigport.h comes
 * first and may set any of them; mpconfigboard.h and make's -D flags come through it.
 */
#ifndef PY_MPCONFIG_H
#define PY_MPCONFIG_H

/* Used when there is neither a git repository nor MICROPY_GIT_TAG; see makeversionhdr.py. */
#define MICROPY_VERSION_MAJOR 1
#define MICROPY_VERSION_MINOR 29
#define MICROPY_VERSION_MICRO 0
#define MICROPY_VERSION_PRERELEASE 1

#include "mpconfigport.h"

/* Set by py/mkrules.mk: BOARD, BOARD-VARIANT, or VARIANT where a port has no boards. */
#ifndef MICROPY_BOARD_BUILD_NAME
#define MICROPY_BOARD_BUILD_NAME ""
#endif

#ifndef MICROPY_PY_THREAD
#define MICROPY_PY_THREAD 0
#endif

#define MICROPY_FLOAT_IMPL_NONE 0
#define MICROPY_FLOAT_IMPL_FLOAT 1
#define MICROPY_FLOAT_IMPL_DOUBLE 2
#ifndef MICROPY_FLOAT_IMPL
#define MICROPY_FLOAT_IMPL MICROPY_FLOAT_IMPL_FLOAT
#endif

/* Bytes of source that the REPL takes at once. */
#ifndef MICROPY_REPL_LINE_MAX
#define MICROPY_REPL_LINE_MAX 4096
#endif

/* The .mpy version and architecture that sys.implementation._mpy reports: version 6.3, and the
 * architecture number in the bits from 10 up (4 armv6m, 6 armv7em, 2 x64). */
#define MPY_VERSION 6
#define MPY_SUB_VERSION 3
#if defined(__ARM_ARCH_6M__)
#define MPY_ARCH 4
#elif defined(__arm__)
#define MPY_ARCH 6
#elif defined(__riscv)
#define MPY_ARCH 11
#else
#define MPY_ARCH 2
#endif
#define MPY_FILE_HEADER_INT (MPY_VERSION | MPY_SUB_VERSION << 8 | MPY_ARCH << 10)

#define MICROPY_BANNER_NAME_AND_VERSION "MicroPython " MICROPY_GIT_TAG " on " MICROPY_BUILD_DATE
#define MICROPY_BANNER_MACHINE MICROPY_HW_BOARD_NAME " with " MICROPY_HW_MCU_NAME

#endif
