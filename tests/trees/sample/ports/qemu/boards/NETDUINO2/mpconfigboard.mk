QEMU_MACHINE = netduino2

CFLAGS += -mthumb -mcpu=cortex-m3 -mfloat-abi=soft
CFLAGS += -DQEMU_SOC_STM32
CFLAGS += -DMICROPY_HW_MCU_NAME='"STM32"'

LDSCRIPT = mcu/arm/stm32.ld

MPY_CROSS_FLAGS += -march=armv7m
