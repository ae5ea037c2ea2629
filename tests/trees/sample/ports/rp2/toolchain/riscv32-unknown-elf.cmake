# Bare-metal RISC-V.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(PICO_COMPILER_NAMES riscv32-unknown-elf-gcc riscv32-corev-elf-gcc riscv64-unknown-elf-gcc)
include(${CMAKE_CURRENT_LIST_DIR}/find_compiler.cmake)
