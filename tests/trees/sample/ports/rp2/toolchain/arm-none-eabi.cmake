# Bare-metal Arm.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(PICO_COMPILER_NAMES arm-none-eabi-gcc)
include(${CMAKE_CURRENT_LIST_DIR}/find_compiler.cmake)
