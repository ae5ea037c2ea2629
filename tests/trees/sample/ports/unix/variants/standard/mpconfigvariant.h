/* SPDX-License-Identifier: MIT
 *
 * Options of the standard variant.
 */
#define MICROPY_PY_THREAD 1
#define MICROPY_FLOAT_IMPL MICROPY_FLOAT_IMPL_DOUBLE
