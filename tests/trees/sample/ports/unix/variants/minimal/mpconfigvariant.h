/* SPDX-License-Identifier: MIT
 *
 * Options of the minimal variant.
 */
#define MICROPY_FLOAT_IMPL MICROPY_FLOAT_IMPL_NONE
#define MICROPY_REPL_LINE_MAX 256
