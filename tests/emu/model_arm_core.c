/* SPDX-License-Identifier: MIT
 *
 * The chip behind the probe: nRF51 Series Reference Manual 3.0 (memory map, NVMC, FICR, UICR), ARMv6-M Architecture Reference Manual C1
 * (debug registers), CoreSight ROM table of the Cortex-M0.
 */
#include "model_arm_core.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

#define UC_FUNCTIONS(X)   \
	X(uc_open)        \
	X(uc_close)       \
	X(uc_ctl)         \
	X(uc_mem_map_ptr) \
	X(uc_mmio_map)    \
	X(uc_hook_add)    \
	X(uc_reg_read)    \
	X(uc_reg_write)   \
	X(uc_emu_start)   \
	X(uc_emu_stop)

static struct {
	void *library;
#define MEMBER(name) __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses): a name */
	UC_FUNCTIONS(MEMBER)
#undef MEMBER
} lib;

enum {
	SLICE = 4000, /* instructions for an access, while it runs */
	PAGE = ARM_PAGE,
	RAM_AT = 0x20000000,
	FICR_AT = 0x10000000,
	UICR_AT = 0x10001000,
	PERIPHERALS_AT = 0x40000000,
	PERIPHERALS = 0x20000,
	NVMC_AT = 0x4001e000,
	INFO = 0x1000,
	RAM_BLOCKS = 4,
};

/* debug registers */
enum {
	C_DEBUGEN = 1,
	C_HALT = 2,
	C_STEP = 4,
	S_REGRDY = 1 << 16,
	S_HALT = 1 << 17,
	S_LOCKUP = 1 << 19
};
enum { S_RETIRE = 1 << 24, S_RESET = 1 << 25, DFSR_HALTED = 1, DFSR_BKPT = 2, DFSR_VCATCH = 8 };
enum { VC_CORERESET = 1, EXCP_BKPT = 7 };

struct arm_core {
	struct arm_core_host host;
	uc_engine *uc;
	FILE *file;
	uint8_t *flash, *ram, *ficr, *uicr;
	uint32_t size;
	uint32_t config; /* NVMC: 1 may be written, 2 may be erased */
	uint32_t control, demcr, dfsr, register_data;
	uint32_t breakpoints; /* the unit's enable bit; there are none behind it */
	bool halted, locked_up, was_reset, stopped;
	uint32_t fresh_from, fresh_to; /* memory that was written from outside since it ran */
	struct {
		uint32_t address, size, old;
		bool open;
	} store; /* of the processor's, to flash, that is done but not judged yet */
};

static void tell(struct arm_core *c, const char *what, uint32_t address)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %08x", what, address);
	c->host.event(c->host.ctx, text);
}

static uint32_t get(const uint8_t *p, unsigned size)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v |= (uint32_t)p[i] << 8 * i;
	return v;
}

static void put(uint8_t *p, unsigned size, uint32_t v)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* --- flash ---------------------------------------------------------------------------------------------------- */

/* Into the file at once: it is what the test looks at, and what is there when the probe was pulled. */
static void keep(struct arm_core *c, uint32_t at, uint32_t size)
{
	if (fseek(c->file, (long)at, SEEK_SET) != 0 ||
	    fwrite(c->flash + at, 1, size, c->file) != size || fflush(c->file) != 0)
		abort();
}

/* Where flash of either kind is kept; NULL: no flash there. */
static uint8_t *flash_at(struct arm_core *c, uint32_t address)
{
	if (address < c->size)
		return c->flash + address;
	return address - UICR_AT < PAGE ? c->uicr + (address - UICR_AT) : NULL;
}

/* The processor's translations of what was here are old. */
static void is_fresh(struct arm_core *c, uint32_t address, uint32_t size)
{
	if (c->fresh_from == c->fresh_to) {
		c->fresh_from = address;
		c->fresh_to = address + size;
		return;
	}
	c->fresh_from = address < c->fresh_from ? address : c->fresh_from;
	c->fresh_to = address + size > c->fresh_to ? address + size : c->fresh_to;
}

/* Code region 0, whose length is in the UICR: only an erase of all opens it (nRF51 Series Reference Manual, NVMC and UICR.CLENR0). */
static bool is_protected(const struct arm_core *c, uint32_t address)
{
	uint32_t length = get(c->uicr, 4);

	return length != 0xffffffff && address < length;
}

/* What was not erased only loses bits; what is not enabled or protected stays. */
static void program(struct arm_core *c, uint32_t address, unsigned size, uint32_t old,
		    uint32_t value)
{
	bool may = c->config & 1 && !is_protected(c, address);

	put(flash_at(c, address), size, may ? old & value : old);
	if (address < c->size)
		keep(c, address, size);
}

static void judge_store(struct arm_core *c)
{
	if (!c->store.open)
		return;
	c->store.open = false;
	program(c, c->store.address, c->store.size, c->store.old,
		get(flash_at(c, c->store.address), c->store.size));
}

static void erase(struct arm_core *c, uint32_t address, uint32_t size)
{
	uint8_t *p = flash_at(c, address);

	if (!(c->config & 2) || !p)
		return;
	tell(c, size > PAGE ? "erase-all" : "erase", address);
	memset(p, 0xff, size);
	if (address < c->size)
		keep(c, address, size);
	is_fresh(c, address, size);
}

static uint32_t peripheral_read(uint32_t address)
{
	return address == NVMC_AT + 0x400 ? 1 : 0; /* NVMC is always ready */
}

static void peripheral_write(struct arm_core *c, uint32_t address, uint32_t value)
{
	judge_store(c);
	switch (address) {
	case NVMC_AT + 0x504:
		c->config = value;
		break;
	case NVMC_AT + 0x508:
		if (!is_protected(c, value))
			erase(c, value & ~(uint32_t)(PAGE - 1), PAGE);
		break;
	case NVMC_AT + 0x50c:
		if (value & 1) {
			erase(c, 0, c->size);
			erase(c, UICR_AT, PAGE);
		}
		break;
	case NVMC_AT + 0x514:
		if (value & 1)
			erase(c, UICR_AT, PAGE);
		break;
	default:
		break;
	}
}

/* --- the processor -------------------------------------------------------------------------------------------- */

static uint64_t on_peripheral_read(uc_engine *uc, uint64_t offset, unsigned size, void *ctx)
{
	(void)uc, (void)size, (void)ctx;
	return peripheral_read(PERIPHERALS_AT + (uint32_t)offset);
}

static void on_peripheral_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value,
				void *ctx)
{
	(void)uc, (void)size;
	peripheral_write(ctx, PERIPHERALS_AT + (uint32_t)offset, (uint32_t)value);
}

/* Called before the store is done: it is judged when it is. */
static void on_store(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
		     void *ctx)
{
	struct arm_core *c = ctx;

	(void)uc, (void)type, (void)value;
	judge_store(c);
	if (!flash_at(c, (uint32_t)address))
		return;
	c->store.address = (uint32_t)address;
	c->store.size = (uint32_t)size;
	c->store.old = get(flash_at(c, (uint32_t)address), (unsigned)size);
	c->store.open = true;
}

static void on_exception(uc_engine *uc, uint32_t number, void *ctx)
{
	struct arm_core *c = ctx;

	c->stopped = true;
	if (number == EXCP_BKPT) {
		c->halted = true;
		c->dfsr |= DFSR_BKPT;
	} else {
		c->locked_up = true;
	}
	lib.uc_emu_stop(uc);
}

static uint32_t get_register(struct arm_core *c, int id)
{
	uint32_t v = 0;

	lib.uc_reg_read(c->uc, id, &v);
	return v;
}

static void set_register(struct arm_core *c, int id, uint32_t value)
{
	lib.uc_reg_write(c->uc, id, &value);
}

static const uint8_t *memory_at(struct arm_core *c, uint32_t address)
{
	if (address - RAM_AT < ARM_RAM)
		return c->ram + (address - RAM_AT);
	if (address - FICR_AT < INFO)
		return c->ficr + (address - FICR_AT);
	if (address - UICR_AT < INFO)
		return c->uicr + (address - UICR_AT);
	return address < c->size ? c->flash + address : NULL;
}

static bool is_breakpoint(struct arm_core *c, uint32_t pc)
{
	const uint8_t *p = memory_at(c, pc & ~1u);

	return p && p[1] == 0xbe;
}

/* Libunicorn stands behind the instruction that it stopped at, or on it. */
static void settle_breakpoint(struct arm_core *c)
{
	uint32_t pc = get_register(c, UC_ARM_REG_PC) & ~1u;

	if (!is_breakpoint(c, pc) && is_breakpoint(c, pc - 2))
		set_register(c, UC_ARM_REG_PC, (pc - 2) | 1);
}

static void run(struct arm_core *c, size_t count)
{
	uint32_t pc = get_register(c, UC_ARM_REG_PC);

	if (c->halted || c->locked_up)
		return;
	/* All translations are never dropped at once: libunicorn clears a gigabyte for that. */
	if (c->fresh_from != c->fresh_to)
		lib.uc_ctl(c->uc, UC_CTL_WRITE(UC_CTL_TB_REMOVE_CACHE, 2), (uint64_t)c->fresh_from,
			   (uint64_t)c->fresh_to);
	c->fresh_from = c->fresh_to = 0;
	c->stopped = false;
	if (lib.uc_emu_start(c->uc, pc | 1, UINT64_C(0xfffffffe), 0, count) != UC_ERR_OK &&
	    !c->stopped)
		c->locked_up = true;
	judge_store(c);
	if (c->halted) {
		c->control |= C_HALT;
		settle_breakpoint(c);
	}
}

static int register_id(unsigned number)
{
	switch (number) {
	case 13:
		return UC_ARM_REG_SP;
	case 14:
		return UC_ARM_REG_LR;
	case 15:
		return UC_ARM_REG_PC;
	case 16:
		return UC_ARM_REG_XPSR;
	case 17:
		return UC_ARM_REG_MSP;
	case 18:
		return UC_ARM_REG_PSP;
	default:
		return number < 13 ? UC_ARM_REG_R0 + (int)number : 0;
	}
}

static void transfer_register(struct arm_core *c, uint32_t selector)
{
	unsigned number = selector & 0x1f;
	bool write = selector & 1 << 16;
	uint32_t v;

	if (number == 20) { /* CONTROL and PRIMASK */
		v = get_register(c, UC_ARM_REG_CONTROL) << 24 |
		    (get_register(c, UC_ARM_REG_PRIMASK) & 1);
		if (write) {
			set_register(c, UC_ARM_REG_CONTROL, c->register_data >> 24 & 3);
			set_register(c, UC_ARM_REG_PRIMASK, c->register_data & 1);
		} else {
			c->register_data = v;
		}
	} else if (register_id(number)) {
		if (write)
			set_register(c, register_id(number),
				     number == 15 ? c->register_data | 1 : c->register_data);
		else
			c->register_data =
				get_register(c, register_id(number)) & (number == 15 ? ~1u : ~0u);
	}
}

static void halt(struct arm_core *c, uint32_t reason)
{
	c->halted = true;
	c->locked_up = false;
	c->control |= C_HALT;
	c->dfsr |= reason;
}

void arm_core_reset(struct arm_core *c)
{
	uint32_t pc = get(c->flash + 4, 4);

	for (unsigned i = 0; i < 13; i++)
		set_register(c, register_id(i), 0);
	c->config = 0;
	c->halted = c->locked_up = false;
	c->was_reset = true;
	c->control &= C_DEBUGEN;
	set_register(c, UC_ARM_REG_CONTROL, 0);
	set_register(c, UC_ARM_REG_PRIMASK, 0);
	set_register(c, UC_ARM_REG_XPSR, 1 << 24);
	set_register(c, UC_ARM_REG_SP, get(c->flash, 4) & ~3u);
	set_register(c, UC_ARM_REG_LR, 0xffffffff);
	set_register(c, UC_ARM_REG_PC, pc);
	c->locked_up = !(pc & 1) || pc >= c->size;
	if (c->control & C_DEBUGEN && c->demcr & VC_CORERESET) {
		halt(c, DFSR_VCATCH);
		c->host.event(c->host.ctx, "reset halt");
	} else {
		tell(c, "reset run", pc);
	}
}

/* --- debug registers ------------------------------------------------------------------------------------------ */

static void write_control(struct arm_core *c, uint32_t value)
{
	bool was = c->halted;

	if (value >> 16 != 0xa05f)
		return;
	c->control = value & 0xf;
	if (!(value & C_DEBUGEN)) {
		c->halted = false;
		return;
	}
	if (value & C_HALT) {
		if (!was)
			halt(c, DFSR_HALTED);
		return;
	}
	c->halted = false;
	if (was && value & C_STEP) {
		run(c, 1);
		halt(c, DFSR_HALTED);
	}
}

static uint32_t read_control(struct arm_core *c)
{
	uint32_t v = c->control | S_REGRDY | (c->halted ? S_HALT : S_RETIRE);

	if (c->locked_up)
		v |= S_LOCKUP;
	if (c->was_reset)
		v |= S_RESET;
	c->was_reset = false;
	return v;
}

/* The four bytes of a component's number that stand one to a word. */
static uint32_t id_word(uint32_t offset, uint32_t part, uint32_t class)
{
	const uint8_t peripheral[] = { (uint8_t)part, (uint8_t)(0xb0 | part >> 8), 0x0b, 0 };
	const uint8_t component[] = { 0x0d, (uint8_t)(class << 4), 0x05, 0xb1 };

	if (offset >= 0xff0)
		return component[(offset - 0xff0) / 4];
	if (offset >= 0xfe0)
		return peripheral[(offset - 0xfe0) / 4];
	return offset == 0xfd0 ? 4 : 0;
}

static uint32_t rom_table(uint32_t offset)
{
	static const uint32_t entries[] = { 0xfff0f003, 0xfff02003, 0xfff03003, 0 };

	return offset < sizeof(entries) ? entries[offset / 4] : id_word(offset, 0x471, 1);
}

static uint32_t private_read(struct arm_core *c, uint32_t address)
{
	uint32_t page = address & ~0xfffu, offset = address & 0xffc;

	switch (address & ~3u) {
	case 0xe000ed00:
		return 0x410cc200; /* CPUID: Cortex-M0 r0p0 */
	case 0xe000ed30:
		return c->dfsr;
	case 0xe000edf0:
		return read_control(c);
	case 0xe000edf8:
		return c->register_data;
	case 0xe000edfc:
		return c->demcr;
	case 0xe0001000:
		return 1 << 28; /* DWT: one comparator */
	case 0xe0002000:
		return 4 << 4 | c->breakpoints; /* breakpoint unit: four */
	default:
		break;
	}
	if (page == 0xe00ff000)
		return rom_table(offset);
	return offset < 0xfd0 ? 0
			      : id_word(offset,
					page == 0xe000e000   ? 8
					: page == 0xe0001000 ? 0xa
							     : 0xb,
					0xe);
}

static void private_write(struct arm_core *c, uint32_t address, uint32_t value)
{
	switch (address) {
	case 0xe000ed0c:
		if (value >> 16 == 0x05fa && value & 4)
			arm_core_reset(c);
		break;
	case 0xe0002000:
		if (value & 2)
			c->breakpoints = value & 1;
		break;
	case 0xe000ed30:
		c->dfsr &= ~value;
		break;
	case 0xe000edf0:
		write_control(c, value);
		break;
	case 0xe000edf4:
		if (c->halted)
			transfer_register(c, value);
		break;
	case 0xe000edf8:
		c->register_data = value;
		break;
	case 0xe000edfc:
		c->demcr = value;
		break;
	default:
		break;
	}
}

/* --- the bus -------------------------------------------------------------------------------------------------- */

static bool is_private(uint32_t address)
{
	return address - 0xe0000000u < 0x10000 || address - 0xe00ff000u < 0x1000;
}

static bool peek(struct arm_core *c, uint32_t address, unsigned size, uint32_t *value)
{
	const uint8_t *p = memory_at(c, address);
	uint32_t word;

	*value = 0;
	if (p) {
		*value = get(p, size);
		return true;
	}
	if (address - PERIPHERALS_AT < PERIPHERALS)
		word = peripheral_read(address & ~3u);
	else if (is_private(address))
		word = private_read(c, address);
	else
		return false;
	*value = word >> 8 * (address & 3);
	return true;
}

static bool poke(struct arm_core *c, uint32_t address, unsigned size, uint32_t value)
{
	if (flash_at(c, address)) {
		program(c, address, size, get(flash_at(c, address), size), value);
		is_fresh(c, address, size);
	} else if (address - RAM_AT < ARM_RAM) {
		put(c->ram + (address - RAM_AT), size, value);
		is_fresh(c, address, size);
	} else if (address - PERIPHERALS_AT < PERIPHERALS) {
		peripheral_write(c, address, value);
	} else if (is_private(address)) {
		private_write(c, address, value);
	} else {
		return address - FICR_AT < INFO; /* read-only */
	}
	return true;
}

bool arm_core_read(struct arm_core *c, uint32_t address, unsigned size, uint32_t *value)
{
	run(c, SLICE);
	return peek(c, address, size, value);
}

bool arm_core_write(struct arm_core *c, uint32_t address, unsigned size, uint32_t value)
{
	bool ok = poke(c, address, size, value);

	run(c, SLICE);
	return ok;
}

/* --- what it is made of --------------------------------------------------------------------------------------- */

static bool load_library(void)
{
	if (lib.library)
		return true;
	lib.library = dlopen("libunicorn.so.2", RTLD_NOW | RTLD_LOCAL);
	if (!lib.library)
		return false;
#define LOAD(name)                                       \
	*(void **)&lib.name = dlsym(lib.library, #name); \
	if (!lib.name)                                   \
		return false;
	UC_FUNCTIONS(LOAD)
#undef LOAD
	return true;
}

static bool make_engine(struct arm_core *c)
{
	uc_hook hook;

	return lib.uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &c->uc) == UC_ERR_OK &&
	       lib.uc_ctl(c->uc, UC_CTL_WRITE(UC_CTL_CPU_MODEL, 1), UC_CPU_ARM_CORTEX_M0) ==
		       UC_ERR_OK &&
	       lib.uc_mem_map_ptr(c->uc, 0, c->size, UC_PROT_ALL, c->flash) == UC_ERR_OK &&
	       lib.uc_mem_map_ptr(c->uc, RAM_AT, ARM_RAM, UC_PROT_ALL, c->ram) == UC_ERR_OK &&
	       lib.uc_mem_map_ptr(c->uc, FICR_AT, INFO, UC_PROT_READ, c->ficr) == UC_ERR_OK &&
	       lib.uc_mem_map_ptr(c->uc, UICR_AT, INFO, UC_PROT_READ | UC_PROT_WRITE, c->uicr) ==
		       UC_ERR_OK &&
	       lib.uc_mmio_map(c->uc, PERIPHERALS_AT, PERIPHERALS, on_peripheral_read, c,
			       on_peripheral_write, c) == UC_ERR_OK &&
	       lib.uc_hook_add(c->uc, &hook, UC_HOOK_MEM_WRITE, (void *)on_store, c, (uint64_t)1,
			       (uint64_t)0) == UC_ERR_OK &&
	       lib.uc_hook_add(c->uc, &hook, UC_HOOK_INTR, (void *)on_exception, c, (uint64_t)1,
			       (uint64_t)0) == UC_ERR_OK;
}

/* Memory as it comes to the processor: page-aligned, which libunicorn wants. */
static uint8_t *memory(size_t size, int fill)
{
	uint8_t *p = aligned_alloc(4096, size);

	if (!p)
		abort();
	memset(p, fill, size);
	return p;
}

/* The file as it is; what it lacks is erased flash. */
static bool open_flash(struct arm_core *c, const char *path)
{
	size_t have;

	c->file = fopen(path, "r+be");
	if (!c->file)
		c->file = fopen(path, "w+be");
	if (!c->file)
		return false;
	have = fread(c->flash, 1, c->size, c->file);
	rewind(c->file);
	return have == c->size ||
	       (fwrite(c->flash, 1, c->size, c->file) == c->size && fflush(c->file) == 0);
}

/* nRF51822 QFAA CA */
static void fill_ficr(struct arm_core *c)
{
	put(c->ficr + 0x10, 4, PAGE);
	put(c->ficr + 0x14, 4, c->size / PAGE);
	put(c->ficr + 0x34, 4, RAM_BLOCKS);
	for (unsigned i = 0; i < RAM_BLOCKS; i++)
		put(c->ficr + 0x38 + (size_t)4 * i, 4, ARM_RAM / RAM_BLOCKS);
	put(c->ficr + 0x5c, 4, 0x001d);
	put(c->ficr + 0x60, 4, 0x12345678);
	put(c->ficr + 0x64, 4, 0x9abcdef0);
}

void arm_core_protect(struct arm_core *c, uint32_t length)
{
	put(c->uicr, 4, length);
}

void arm_core_destroy(struct arm_core *c)
{
	if (!c)
		return;
	if (c->uc)
		lib.uc_close(c->uc);
	if (c->file)
		fclose(c->file);
	free(c->flash);
	free(c->ram);
	free(c->ficr);
	free(c->uicr);
	free(c);
}

struct arm_core *arm_core_create(const char *flash, uint32_t size, const struct arm_core_host *host,
				 const char **why)
{
	struct arm_core *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->host = *host;
	c->size = size;
	c->flash = memory(size, 0xff);
	c->ram = memory(ARM_RAM, 0);
	c->ficr = memory(INFO, 0xff);
	c->uicr = memory(INFO, 0xff);
	fill_ficr(c);
	*why = !load_library()         ? "libunicorn.so.2 cannot be loaded"
	       : !open_flash(c, flash) ? "flash=FILE cannot be written"
	       : !make_engine(c)       ? "libunicorn makes no Cortex-M0"
				       : NULL;
	if (!*why) {
		arm_core_reset(c);
		return c;
	}
	arm_core_destroy(c);
	return NULL;
}
