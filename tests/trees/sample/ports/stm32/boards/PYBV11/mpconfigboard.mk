MCU_SERIES = f4
CMSIS_MCU = STM32F405xx

# The vectors go first, then the user's files, then the rest.
LD_FILES = boards/stm32f405.ld boards/common_ifs.ld
TEXT0_ADDR = 0x08000000
TEXT1_ADDR = 0x08020000

FROZEN_MANIFEST ?= $(BOARD_DIR)/manifest.py
