# SPDX-License-Identifier: MIT
"""MicroPython's Unix port, which the package in the first argument's folder holds as a module of CPython, with the other arguments."""
import sys

sys.path.insert(0, sys.argv[1])
import micropython_run  # noqa: E402

sys.exit(micropython_run.run_main(["micropython"] + sys.argv[2:]))
