# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# ELF programs of the three processors, for tests that read tests/cli/lib.sh first:
#
#	elf_machines       "arm riscv xtensa"
#	elf_tools M        sets $prefix (of the toolchain's programs) and $flags (of its compiler) for a machine
#	elf_sources        writes p.c and p.ld here: vectors, a hole behind them, code, .data whose load address is in
#	                   flash, .bss, at which each linker puts other gaps and sections
#	elf_link M OUT     compiles and links p.c to OUT.elf and OUT.map; further words are for the compiler

# shellcheck disable=SC2034 # for the test to read
elf_machines='arm riscv xtensa'

need arm-none-eabi-gcc riscv64-unknown-elf-gcc xtensa-lx106-elf-gcc

elf_tools() {
	case $1 in
	arm) prefix=arm-none-eabi flags='-mcpu=cortex-m3 -mthumb' ;;
	riscv) prefix=riscv64-unknown-elf flags='-march=rv32imc -mabi=ilp32' ;;
	xtensa) prefix=xtensa-lx106-elf flags=-mtext-section-literals ;;
	*) bail "no machine $1" ;;
	esac
}

elf_sources() {
	cat >p.c <<-'EOF'
		__attribute__((section(".isr"))) const int isr[5] = { 1, 2, 3, 4, 5 };
		const int table[300] = { 1, 2, 3 };
		const char odd[7] = "MicroP";
		int data[9] = { 1, 2 };
		int bss[300];
		#ifdef MORE
		int more[MORE] = { 1 };
		int counter[25];
		#endif
		int work(int i)
		{
			return table[i] + data[i & 7] + odd[i & 3];
		}
		int _start(void)
		{
			for (int i = 0; i < 300; i++)
				bss[i] = work(i);
		#ifdef MORE
			return more[bss[2]] + counter[bss[1]];
		#else
			return bss[7];
		#endif
		}
	EOF
	cat >p.ld <<-'EOF'
		ENTRY(_start)
		MEMORY {
			vectors : ORIGIN = 0x08000000, LENGTH = 16K
			flash : ORIGIN = 0x08020200, LENGTH = 64K
			ram : ORIGIN = 0x20000000, LENGTH = 16K
		}
		SECTIONS {
			.isr : { KEEP(*(.isr)) } > vectors
			.text : { *(.literal*) *(.text*) *(.rodata*) *(.srodata*) } > flash
			.data : { *(.data*) *(.sdata*) } > ram AT > flash
			.bss : { *(.bss*) *(.sbss*) *(COMMON) } > ram
		}
	EOF
}

elf_link() {
	elf_tools "$1"
	elf_out=$2
	shift 2
	# shellcheck disable=SC2086 # flags are words
	"$prefix-gcc" $flags -Os -g -ffreestanding -nostdlib "$@" -T p.ld "-Wl,-Map=$elf_out.map" -o "$elf_out.elf" p.c ||
		bail "no program for $prefix"
}
