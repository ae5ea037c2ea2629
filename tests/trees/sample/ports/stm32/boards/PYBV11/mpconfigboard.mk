MCU_SERIES = f4
CMSIS_MCU = STM32F405xx

ifeq ($(USE_MBOOT),1)
# Behind mboot, in one piece.
TEXT0_ADDR = 0x08020000
else
# The vectors go first, then the user's files, then the rest.
LD_FILES = boards/stm32f405.ld boards/common_ifs.ld
TEXT0_ADDR = 0x08000000
TEXT1_ADDR = 0x08020000
endif

FROZEN_MANIFEST ?= $(BOARD_DIR)/manifest.py
