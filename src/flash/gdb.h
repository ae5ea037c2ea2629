/* SPDX-License-Identifier: MIT
 *
 * The method `gdb`: whatever a GDB server reaches, by the remote serial protocol: OpenOCD, pyOCD, probe-rs, J-Link, a Black Magic Probe,
 * QEMU. The server is at --probe HOST:PORT (or unix:/path, or a serial port's path; "gdb:" may stand before it), else at gdb.remote, else it
 * is the attached Black Magic Probe. Rule variables that it reads:
 *
 *	gdb.remote             where the server is
 *	gdb.scan, gdb.target   Black Magic: the monitor command that looks for targets, default swd_scan; which one it is, default 1
 *	gdb.halt, gdb.run      monitor commands that reset and halt, and that reset and run; default: those of the server
 *	flash.base, flash.size memory of a target whose server has no memory map (QEMU): written as RAM is
 */
#ifndef FLASH_GDB_H
#define FLASH_GDB_H

#include "flash/driver.h"
#include "flash/method.h"

extern const struct flash_method gdb_method;
extern const struct flash_driver gdb_driver;

#endif
