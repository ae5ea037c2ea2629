# The Raspberry Pi Pico 2: which of its processors, the variant says.
set(PICO_BOARD "pico2")
