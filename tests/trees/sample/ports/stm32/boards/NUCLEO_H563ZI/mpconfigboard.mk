MCU_SERIES = h5
CMSIS_MCU = STM32H563xx

LD_FILES = boards/stm32h563xi.ld boards/common_basic.ld
TEXT0_ADDR = 0x08000000
