# Tools and paths; every Makefile includes this first.

# The way from where make runs to the top of the tree, from this file's own name.
TOP := $(patsubst %/py/mkenv.mk,%,$(lastword $(MAKEFILE_LIST)))

include $(TOP)/py/verbose.mk

PY_SRC ?= $(TOP)/py
BUILD ?= build

RM = rm
ECHO = @echo
MKDIR = mkdir
TOUCH = touch
PYTHON = python3

AS = $(CROSS_COMPILE)as
CC = $(CROSS_COMPILE)gcc
CPP = $(CC) -E
LD = $(CROSS_COMPILE)ld
OBJCOPY = $(CROSS_COMPILE)objcopy
SIZE = $(CROSS_COMPILE)size

MAKE_MANIFEST = $(PYTHON) $(TOP)/tools/makemanifest.py
MPY_LIB_DIR = $(TOP)/lib/micropython-lib

# mpy-cross is built when needed, in its own folder, unless the environment names one.
ifeq ($(MICROPY_MPYCROSS),)
MICROPY_MPYCROSS = $(TOP)/mpy-cross/build/mpy-cross
MICROPY_MPYCROSS_DEPENDENCY = $(MICROPY_MPYCROSS)
endif

all:
.PHONY: all

.DELETE_ON_ERROR:

MKENV_INCLUDED = 1
