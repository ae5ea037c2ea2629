# The modules of this folder, for ports with CMake; make finds each module's micropython.mk itself.
include(${CMAKE_CURRENT_LIST_DIR}/cexample/micropython.cmake)
