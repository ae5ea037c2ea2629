/* SPDX-License-Identifier: MIT
 *
 * The tools that mpflash can run to flash a board: their command lines, and what they say when something is wrong. Patterns are of
 * outputs seen with pyOCD 0.46, OpenOCD 0.12, st-flash 1.7, bossac 1.9.1, teensy_loader_cli 2.2 and esptool 5.6, and of the messages
 * in the sources of probe-rs; J-Link's are of logs that people published.
 */
#include "flash/runner.h"

#include "board/usb.h"

static const char *const hex_first[] = { "hex", "elf", "bin", "uf2", "dfu", NULL };
static const char *const elf_first[] = { "elf", "hex", "bin", "uf2", "dfu", NULL };
static const char *const bin_first[] = { "bin", "hex", "elf", "uf2", "dfu", NULL };
static const char *const bin_only[] = { "bin", NULL };
static const char *const hex_only[] = { "hex", NULL };

enum { DAP_PROBES = USB_CMSIS_DAP | USB_STLINK | USB_JLINK };

/* clang-format off */
#define RUNNER_MEMBERS(of) \
	.installed = runner_installed, .available = runner_available, .check = runner_check, .flash = runner_flash, .runner = &(of)
/* clang-format on */

/* --- pyOCD ---------------------------------------------------------------------------------------------------- */

/*
 * auto_unlock is on by default there: a chip with its protection set would be erased without a word. The order of the ways to
 * connect is the one that boards have shown to need.
 */
#define PYOCD_CONNECTION                                                                \
	"[ -u $probe ] [ -t $target ] -f ${frequency:4000000} -O auto_unlock=false -O " \
	"cmsis_dap.prefer_v1=${prefer-v1:false} "

static const struct runner_pattern pyocd_patterns[] = {
	{ "*No connected debug probe*", RUNNER_NO_PROBE },
	{ "*No available debug probes*", RUNNER_NO_PROBE },
	{ "*More than one debug probe matches*", RUNNER_SEVERAL_PROBES },
	{ "*Enter the number of the debug probe*", RUNNER_SEVERAL_PROBES },
	{ "*Permission denied*", RUNNER_DENIED },
	{ "*Access denied*", RUNNER_DENIED },
	{ "*insufficient permissions*", RUNNER_DENIED },
	{ "*Resource busy*", RUNNER_HELD },
	{ "*Unable to open device*", RUNNER_HELD },
	{ "*already opened*", RUNNER_HELD },
	{ "*APPROTECT enabled: not automatically unlocking*", RUNNER_LOCKED },
	{ "*secure state: not automatically unlocking*", RUNNER_LOCKED },
	{ "*is locked*not automatically unlocking*", RUNNER_LOCKED },
	{ "*unable to unlock device*", RUNNER_LOCKED },
	{ "*Target type * not recognized*", RUNNER_PACK_MISSING },
	{ "*Generic 'cortex_m' target type*", RUNNER_UNKNOWN_TARGET },
	{ "*No flash memory*", RUNNER_UNKNOWN_TARGET },
	{ "*Mismatched byte at*", RUNNER_DIFFERS },
	{ "*flash program page failure*", RUNNER_WRITE_PROTECTED },
	{ "*No ACK*", RUNNER_NO_CHIP },
	{ "*Unable to open device:*ACK*", RUNNER_NO_CHIP },
	{ "*No cores were discovered*", RUNNER_NO_CHIP },
	{ "*Memory transfer fault*", RUNNER_NO_CHIP },
	{ "*transfer timed out*", RUNNER_NO_CHIP },
	{ "*Error attempting to access*DP*", RUNNER_NO_CHIP },
	{ "*Unexpected ACK*", RUNNER_NO_CHIP },
	{ "*STLink error (9)*", RUNNER_NO_CHIP },
	{ "*ModuleNotFoundError*", RUNNER_BROKEN },
	{ NULL, RUNNER_OTHER },
};

static const struct runner pyocd = {
	.name = "pyocd",
	.tool = "pyOCD",
	.programs = "pyocd",
	.install = "`pipx install pyocd`",
	.format = "hex",
	.probes = DAP_PROBES,
	.connects = "under-reset halt attach pre-reset",
	.flash = "load -W --no-config " PYOCD_CONNECTION
		 "-M $connect -e ${erase:sector} --format hex $file",
	.verify = "commander -W --no-config " PYOCD_CONNECTION
		  "-M attach { -c 'compare $address $segment' }",
	.reset = "reset -W --no-config " PYOCD_CONNECTION "-M attach",
	.unlock =
		"erase --mass -W --no-config [ -u $probe ] [ -t $target ] -f ${frequency:4000000} "
		"-O auto_unlock=true",
	.pack = "pack install $target",
	.resets = true,
	.verify_success = "*bytes match.*",
	.required = "",
	.patterns = pyocd_patterns,
};

const struct flash_method pyocd_method = {
	.name = "pyocd",
	.title = "pyOCD, through a debug probe",
	.erases = true,
	.erase_words = "chip",
	.formats = hex_first,
	RUNNER_MEMBERS(pyocd),
	.verify = runner_verify,
	.reset = runner_reset,
};

/* --- OpenOCD -------------------------------------------------------------------------------------------------- */

/* Its servers are off: two of them run side by side. */
#define OPENOCD_START                                                              \
	"-c 'gdb_port disabled' -c 'tcl_port disabled' -c 'telnet_port disabled' " \
	"-f interface/${kind}.cfg [ -c 'transport select $transport' ] "           \
	"[ -c 'adapter serial $probe' ] -f $target [ -c 'adapter speed $speed' ] -c init "

static const struct runner_pattern openocd_patterns[] = {
	{ "*Can't find target/*", RUNNER_UNKNOWN_TARGET },
	{ "*Can't find interface/*", RUNNER_BROKEN },
	{ "*LIBUSB_ERROR_ACCESS*", RUNNER_DENIED },
	{ "*Permission denied*", RUNNER_DENIED },
	{ "*LIBUSB_ERROR_BUSY*", RUNNER_HELD },
	{ "*could not claim interface*", RUNNER_HELD },
	{ "*Multiple devices found, specify*", RUNNER_SEVERAL_PROBES },
	{ "*unable to find a matching CMSIS-DAP device*", RUNNER_NO_PROBE },
	{ "*No J-Link device found*", RUNNER_NO_PROBE },
	{ "*AP lock*engaged*", RUNNER_LOCKED },
	{ "*Use 'nrf52_recover' to erase*", RUNNER_LOCKED },
	{ "*Device Security Bit Set*", RUNNER_LOCKED },
	{ "*device is locked*", RUNNER_LOCKED },
	{ "*read*out protect*", RUNNER_LOCKED },
	{ "*RDP level*", RUNNER_LOCKED },
	{ "Error: Flash sector * is protected", RUNNER_PART_LOCKED }, /* nrf5.c: before it erases */
	{ "*write protected*", RUNNER_WRITE_PROTECTED },
	{ "*checksum mismatch*", RUNNER_DIFFERS },
	{ "*contents differ*", RUNNER_DIFFERS },
	{ "*Cannot identify target as*", RUNNER_WRONG_CHIP },
	{ "*UNEXPECTED idcode*", RUNNER_WRONG_CHIP },
	{ "*Error connecting DP*", RUNNER_NO_CHIP },
	{ "*init mode failed*", RUNNER_NO_CHIP },
	{ "*Target voltage too low*", RUNNER_NO_CHIP },
	{ "*cannot read IDR*", RUNNER_NO_CHIP },
	{ "*Could not find MEM-AP*", RUNNER_NO_CHIP },
	{ "Error: open failed", RUNNER_NO_PROBE },
	{ NULL, RUNNER_OTHER },
};

static const struct runner openocd = {
	.name = "openocd",
	.tool = "OpenOCD",
	.programs = "openocd",
	.install = "Debian: `apt-get install openocd`; macOS: `brew install open-ocd`",
	.format = "hex",
	.probes = DAP_PROBES,
	.connects = "",
	.flash = OPENOCD_START "-c 'reset init' -c 'flash write_image erase $file' "
			       "-c 'verify_image $file' -c 'reset run' -c shutdown",
	.verify =
		OPENOCD_START "-c 'reset init' -c 'verify_image $file' -c 'reset run' -c shutdown",
	.reset = OPENOCD_START "-c 'reset run' -c shutdown",
	.unlock = OPENOCD_START "-c '${unlock:shutdown error}' -c shutdown",
	.verifies = true,
	.resets = true,
	.success = "*verified * bytes*",
	.verify_success = "*verified * bytes*",
	.required = "target",
	.patterns = openocd_patterns,
};

const struct flash_method openocd_method = {
	.name = "openocd",
	.title = "OpenOCD, through a debug probe",
	.formats = elf_first,
	RUNNER_MEMBERS(openocd),
	.verify = runner_verify,
	.reset = runner_reset,
};

/* --- probe-rs ------------------------------------------------------------------------------------------------- */

#define PROBE_RS_CONNECTION                                                      \
	"--non-interactive --chip $target [ --probe $selector ] --protocol swd " \
	"[ --speed $speed ] "

static const struct runner_pattern probe_rs_patterns[] = {
	{ "*Permission denied*", RUNNER_DENIED },
	{ "*insufficient permissions*", RUNNER_DENIED },
	{ "*Device or resource busy*", RUNNER_HELD },
	{ "*lacked the permission to do so: erase_all*", RUNNER_LOCKED },
	{ "*No connected probes were found*", RUNNER_NO_PROBE },
	{ "*Probe not found*", RUNNER_NO_PROBE },
	{ "*Probe was not found*", RUNNER_NO_PROBE },
	{ "*probes were found*", RUNNER_SEVERAL_PROBES },
	{ "*chip * was not found*", RUNNER_UNKNOWN_TARGET },
	{ "*Found multiple chips matching*", RUNNER_UNKNOWN_TARGET },
	{ "*Verification failed*", RUNNER_DIFFERS },
	{ "*contents do not match*", RUNNER_DIFFERS },
	{ "*Connecting to the chip was unsuccessful*", RUNNER_NO_CHIP },
	{ "*Target device did not respond*", RUNNER_NO_CHIP },
	{ NULL, RUNNER_OTHER },
};

static const struct runner probe_rs = {
	.name = "probe-rs",
	.tool = "probe-rs",
	.programs = "probe-rs",
	.install = "https://probe.rs has installers for all systems",
	.format = "hex",
	.probes = DAP_PROBES,
	.connects = "",
	.flash = "download " PROBE_RS_CONNECTION
		 "--binary-format hex --restore-unwritten --verify $file",
	.verify = "verify " PROBE_RS_CONNECTION "--binary-format hex $file",
	.reset = "reset " PROBE_RS_CONNECTION,
	.unlock = "erase " PROBE_RS_CONNECTION "--allow-erase-all",
	.verifies = true,
	.required = "target",
	.patterns = probe_rs_patterns,
};

const struct flash_method probe_rs_method = {
	.name = "probe-rs",
	.title = "probe-rs, through a debug probe",
	.formats = elf_first,
	RUNNER_MEMBERS(probe_rs),
	.verify = runner_verify,
	.reset = runner_reset,
};

/* --- J-Link --------------------------------------------------------------------------------------------------- */

static const struct runner_pattern jlink_patterns[] = {
	{ "*Connecting to J-Link via USB*FAILED*", RUNNER_NO_PROBE },
	{ "*Cannot connect to J-Link*", RUNNER_NO_PROBE },
	{ "*is unknown to this version*", RUNNER_UNKNOWN_TARGET },
	{ "*Unknown device*", RUNNER_UNKNOWN_TARGET },
	{ "*Device locked*", RUNNER_LOCKED },
	{ "*read protect*", RUNNER_LOCKED },
	{ "*readout protect*", RUNNER_LOCKED },
	{ "*is secured*", RUNNER_LOCKED },
	{ "*Verify failed*", RUNNER_DIFFERS },
	{ "*Verification failed*", RUNNER_DIFFERS },
	{ "*Cannot connect to target*", RUNNER_NO_CHIP },
	{ "*Could not connect to*target*", RUNNER_NO_CHIP },
	{ "*VTref=0.*", RUNNER_NO_CHIP },
	{ NULL, RUNNER_OTHER },
};

/* -ExitOnError makes its exit status say something. It has no way to compare an Intel hex file: verifybin, piece by piece. */
static const struct runner jlink = {
	.name = "jlink",
	.tool = "J-Link Commander",
	.programs = "JLinkExe JLink",
	.install = "SEGGER's \"J-Link Software and Documentation Pack\" has it",
	.format = "hex",
	.probes = USB_JLINK,
	.connects = "",
	.flash = "-device $target -if SWD -speed ${speed:4000} -autoconnect 1 -ExitOnError 1 "
		 "-NoGui 1 [ -SelectEmuBySN $probe ] -CommandFile $script",
	.script = "r\nloadfile $file\nverifybin $segment $address\nr\ng\nqc\n",
	.verifies = true,
	.resets = true,
	.required = "target",
	.patterns = jlink_patterns,
};

const struct flash_method jlink_method = {
	.name = "jlink",
	.title = "SEGGER's J-Link Commander",
	.formats = hex_first,
	RUNNER_MEMBERS(jlink),
};

/* --- esptool -------------------------------------------------------------------------------------------------- */

static const struct runner_pattern esptool_patterns[] = {
	{ "*Permission denied*", RUNNER_DENIED },
	{ "*could not exclusively lock port*", RUNNER_HELD },
	{ "*Device or resource busy*", RUNNER_HELD },
	{ "*This chip is *not *Wrong*chip argument*", RUNNER_WRONG_CHIP },
	{ "*Wrong*chip argument*", RUNNER_WRONG_CHIP },
	{ "*Unexpected chip ID in image*", RUNNER_WRONG_CHIP },
	{ "*is not an * image*", RUNNER_WRONG_CHIP },
	{ "*Secure Download Mode*", RUNNER_LOCKED },
	{ "*digest mismatch*", RUNNER_DIFFERS },
	{ "*MD5 of file does not match*", RUNNER_DIFFERS },
	{ "*Verification failed*", RUNNER_DIFFERS },
	{ "*Failed to connect to*", RUNNER_NO_CHIP },
	{ "*No serial data received*", RUNNER_NO_CHIP },
	{ "*ModuleNotFoundError*", RUNNER_BROKEN },
	{ NULL, RUNNER_OTHER },
};

/* The names with '_' are understood by version 4 and 5. esp.* are the variables of the method esp. */
#define ESPTOOL_START "--chip ${chip:auto} --port $port --baud ${baud:460800} "
#define ESPTOOL_FLASH_PARAMETERS \
	"--flash_mode ${esp.mode:keep} --flash_freq ${esp.freq:keep} --flash_size ${esp.size:detect} "

static const struct runner esptool = {
	.name = "esptool",
	.tool = "esptool",
	.programs = "esptool esptool.py",
	.install = "`pipx install esptool`; or leave it away: the method esp needs no tool",
	.format = "bin",
	.connects = "",
	.flash = ESPTOOL_START "write_flash [ $erase ] " ESPTOOL_FLASH_PARAMETERS
			       "{ $address $segment }",
	.verify = ESPTOOL_START "verify_flash " ESPTOOL_FLASH_PARAMETERS "{ $address $segment }",
	.verifies = true,
	.resets = true,
	.success = "*Hash of data verified*",
	.required = "",
	.patterns = esptool_patterns,
};

const struct flash_method esptool_method = {
	.name = "esptool",
	.title = "Espressif's esptool, over a serial port",
	.erases = true,
	.erase_words = "-e",
	.formats = bin_only,
	RUNNER_MEMBERS(esptool),
	.verify = runner_verify,
};

/* --- st-flash ------------------------------------------------------------------------------------------------- */

static const struct runner_pattern stlink_patterns[] = {
	{ "*access error*", RUNNER_DENIED },
	{ "*unable to claim*", RUNNER_HELD },
	{ "*Couldn't find*ST-Link devices*", RUNNER_NO_PROBE },
	{ "*write protected*", RUNNER_WRITE_PROTECTED },
	{ "*Verification of flash failed*", RUNNER_DIFFERS },
	{ "*unknown chip id*", RUNNER_NO_CHIP },
	{ "*Could not find chip id*", RUNNER_NO_CHIP },
	{ "*Failed to connect to target*", RUNNER_NO_CHIP },
	{ "*Failed to enter SWD mode*", RUNNER_NO_CHIP },
	{ NULL, RUNNER_OTHER },
};

/* It fills the holes of an Intel hex file, and erases what was there (the user's files): so one call for each piece. */
static const struct runner stlink = {
	.name = "stlink",
	.tool = "st-flash",
	.programs = "st-flash",
	.install = "Debian: `apt-get install stlink-tools`; macOS: `brew install stlink`",
	.format = "bin",
	.probes = USB_STLINK,
	.connects = "",
	.flash = "--connect-under-reset --reset [ --serial $probe ] [ --freq=$speed ] "
		 "write $segment $address",
	.reset = "[ --serial $probe ] reset",
	.verifies = true,
	.resets = true,
	.per_segment = true,
	.success = "*Flash written and verified*",
	.required = "",
	.patterns = stlink_patterns,
};

const struct flash_method stlink_method = {
	.name = "stlink",
	.title = "st-flash, through an ST-Link",
	.formats = bin_first,
	RUNNER_MEMBERS(stlink),
	.reset = runner_reset,
};

/* --- bossac --------------------------------------------------------------------------------------------------- */

static const struct runner_pattern bossac_patterns[] = {
	{ "*Permission denied*", RUNNER_DENIED },
	{ "*No device found on*", RUNNER_NO_CHIP },
	{ "*Device unsupported*", RUNNER_WRONG_CHIP },
	{ "*page is locked*", RUNNER_WRITE_PROTECTED },
	{ "*Verify failed*", RUNNER_DIFFERS },
	{ "*SAM-BA operation failed*", RUNNER_NO_CHIP },
	{ NULL, RUNNER_OTHER },
};

/* Without -e, which erases all behind the offset, the user's files too: pages are then erased as they are written. */
static const struct runner bossac = {
	.name = "bossac",
	.tool = "bossac",
	.programs = "bossac",
	.install = "Debian: `apt-get install bossa-cli`; macOS: `brew install bossa`",
	.format = "bin",
	.enters = true,
	.connects = "",
	.flash = "--port=$portname -U --offset=$offset -w -v -R $file",
	.verifies = true,
	.resets = true,
	.success = "*Verify successful*",
	.required = "offset",
	.patterns = bossac_patterns,
};

const struct flash_method bossac_method = {
	.name = "bossac",
	.title = "bossac, for SAM-BA bootloaders (Arduino)",
	.formats = bin_first,
	RUNNER_MEMBERS(bossac),
};

/* --- teensy_loader_cli ---------------------------------------------------------------------------------------- */

static const struct runner_pattern teensy_patterns[] = {
	{ "*check USB permissions*", RUNNER_DENIED },
	{ "*Found device but unable to open*", RUNNER_DENIED },
	{ "*Unable to open device*", RUNNER_NO_CHIP },
	{ "*error writing to Teensy*", RUNNER_OTHER },
	{ "*Unknown MCU type*", RUNNER_UNKNOWN_TARGET },
	{ NULL, RUNNER_OTHER },
};

static const struct runner teensy = {
	.name = "teensy",
	.tool = "teensy_loader_cli",
	.programs = "teensy_loader_cli teensy-loader-cli",
	.install =
		"Debian: `apt-get install teensy-loader-cli`; macOS: `brew install teensy_loader_cli`",
	.format = "hex",
	.enters = true,
	.connects = "",
	.flash = "--mcu=$target -v $file",
	.resets = true,
	.loses = "the Teensy's loader erases the user's files as well",
	.required = "target",
	.patterns = teensy_patterns,
};

const struct flash_method teensy_method = {
	.name = "teensy",
	.title = "Teensy Loader",
	.formats = hex_only,
	RUNNER_MEMBERS(teensy),
};
