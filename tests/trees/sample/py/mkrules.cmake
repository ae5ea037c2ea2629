# Generated headers and frozen content for CMake ports; py/mkrules.mk does it for make. The port
# sets MICROPY_TARGET, whose definitions and include folders the qstr scan takes, and
# MICROPY_SOURCE_QSTR.

set(MICROPY_GENHDR_DIR "${CMAKE_BINARY_DIR}/genhdr")
set(MICROPY_MPVERSION "${MICROPY_GENHDR_DIR}/mpversion.h")
set(MICROPY_QSTRDEFS_LAST "${MICROPY_GENHDR_DIR}/qstr.i.last")
set(MICROPY_QSTRDEFS_COLLECTED "${MICROPY_GENHDR_DIR}/qstrdefs.collected.h")
set(MICROPY_QSTRDEFS_GENERATED "${MICROPY_GENHDR_DIR}/qstrdefs.generated.h")
set(MICROPY_MODULEDEFS_COLLECTED "${MICROPY_GENHDR_DIR}/moduledefs.collected")
set(MICROPY_MODULEDEFS "${MICROPY_GENHDR_DIR}/moduledefs.h")
set(MICROPY_FROZEN_CONTENT "${CMAKE_BINARY_DIR}/frozen_content.c")

find_package(Python3 REQUIRED COMPONENTS Interpreter)

# What sys.implementation._build tells.
set(MICROPY_BOARD_BUILD_NAME ${MICROPY_BOARD})
if(MICROPY_BOARD_VARIANT)
    set(MICROPY_BOARD_BUILD_NAME ${MICROPY_BOARD}-${MICROPY_BOARD_VARIANT})
endif()
target_compile_definitions(${MICROPY_TARGET} PRIVATE
    MICROPY_BOARD_BUILD_NAME="${MICROPY_BOARD_BUILD_NAME}"
    MICROPY_MODULE_FROZEN_MPY=1
)

# CFLAGS_EXTRA of the environment goes to the compiler and to the qstr scan.
separate_arguments(CFLAGS_EXTRA UNIX_COMMAND "$ENV{CFLAGS_EXTRA}")
target_compile_options(${MICROPY_TARGET} PRIVATE ${CFLAGS_EXTRA})

get_target_property(MICROPY_CPP_INC ${MICROPY_TARGET} INCLUDE_DIRECTORIES)
get_target_property(MICROPY_CPP_DEF ${MICROPY_TARGET} COMPILE_DEFINITIONS)
foreach(inc ${MICROPY_CPP_INC})
    list(APPEND MICROPY_CPP_FLAGS "-I${inc}")
endforeach()
foreach(def ${MICROPY_CPP_DEF})
    list(APPEND MICROPY_CPP_FLAGS "-D${def}")
endforeach()
list(APPEND MICROPY_CPP_FLAGS ${MICROPY_ARCH_FLAGS} ${CFLAGS_EXTRA})

# The script asks git and the environment, so it runs each time.
add_custom_target(BUILD_VERSION_HEADER ALL
    COMMAND ${CMAKE_COMMAND} -E make_directory ${MICROPY_GENHDR_DIR}
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_PY_DIR}/makeversionhdr.py ${MICROPY_MPVERSION}
    BYPRODUCTS ${MICROPY_MPVERSION}
    VERBATIM
)

# CMake cannot tell which sources are newer: all are scanned when one of them is. Headers are no
# dependency here either.
add_custom_command(
    OUTPUT ${MICROPY_QSTRDEFS_LAST}
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_PY_DIR}/makeqstrdefs.py pp ${CMAKE_C_COMPILER} -E
        output ${MICROPY_QSTRDEFS_LAST} cflags ${MICROPY_CPP_FLAGS} -DNO_QSTR
        sources ${MICROPY_SOURCE_QSTR}
    DEPENDS ${MICROPY_MPVERSION} ${MICROPY_SOURCE_QSTR}
    VERBATIM
)

add_custom_command(
    OUTPUT ${MICROPY_QSTRDEFS_COLLECTED}
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_PY_DIR}/makeqstrdefs.py
        split qstr ${MICROPY_QSTRDEFS_LAST} ${MICROPY_GENHDR_DIR}/qstr
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_PY_DIR}/makeqstrdefs.py
        cat qstr ${MICROPY_GENHDR_DIR}/qstr ${MICROPY_QSTRDEFS_COLLECTED}
    DEPENDS ${MICROPY_QSTRDEFS_LAST}
    VERBATIM
)

add_custom_command(
    OUTPUT ${MICROPY_QSTRDEFS_GENERATED}
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_PY_DIR}/makeqstrdata.py ${MICROPY_PY_DIR}/qstrdefs.h
        ${MICROPY_QSTRDEFS_PORT} ${MICROPY_QSTRDEFS_COLLECTED} > ${MICROPY_QSTRDEFS_GENERATED}
    DEPENDS ${MICROPY_PY_DIR}/qstrdefs.h ${MICROPY_QSTRDEFS_PORT} ${MICROPY_QSTRDEFS_COLLECTED}
        ${MICROPY_PY_DIR}/makeqstrdata.py
    VERBATIM
)

add_custom_command(
    OUTPUT ${MICROPY_MODULEDEFS_COLLECTED}
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_PY_DIR}/makeqstrdefs.py
        split module ${MICROPY_QSTRDEFS_LAST} ${MICROPY_GENHDR_DIR}/module
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_PY_DIR}/makeqstrdefs.py
        cat module ${MICROPY_GENHDR_DIR}/module ${MICROPY_MODULEDEFS_COLLECTED}
    DEPENDS ${MICROPY_QSTRDEFS_LAST}
    VERBATIM
)

add_custom_command(
    OUTPUT ${MICROPY_MODULEDEFS}
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_PY_DIR}/makemoduledefs.py
        ${MICROPY_MODULEDEFS_COLLECTED} > ${MICROPY_MODULEDEFS}
    DEPENDS ${MICROPY_MODULEDEFS_COLLECTED} ${MICROPY_PY_DIR}/makemoduledefs.py
    VERBATIM
)

# mpy-cross is built when needed, unless the environment names one (which makemanifest.py takes).
if(NOT DEFINED ENV{MICROPY_MPYCROSS})
    set(MICROPY_MPYCROSS_DEPENDENCY ${MICROPY_DIR}/mpy-cross/build/mpy-cross)
    add_custom_command(
        OUTPUT ${MICROPY_MPYCROSS_DEPENDENCY}
        COMMAND make -C ${MICROPY_DIR}/mpy-cross USER_C_MODULES= FROZEN_MANIFEST=
        VERBATIM
    )
endif()

# Run each time too: the script itself compares the dates of the modules.
add_custom_target(BUILD_FROZEN_CONTENT ALL
    COMMAND ${Python3_EXECUTABLE} ${MICROPY_DIR}/tools/makemanifest.py
        -o ${MICROPY_FROZEN_CONTENT} -b ${CMAKE_BINARY_DIR} ${MICROPY_CROSS_FLAGS}
        -v MPY_DIR=${MICROPY_DIR} -v PORT_DIR=${MICROPY_PORT_DIR} -v BOARD_DIR=${MICROPY_BOARD_DIR}
        -v MPY_LIB_DIR=${MICROPY_DIR}/lib/micropython-lib
        ${MICROPY_FROZEN_MANIFEST}
    BYPRODUCTS ${MICROPY_FROZEN_CONTENT}
    DEPENDS ${MICROPY_QSTRDEFS_GENERATED} ${MICROPY_MPYCROSS_DEPENDENCY}
    VERBATIM
)

target_sources(${MICROPY_TARGET} PRIVATE
    ${MICROPY_FROZEN_CONTENT}
    ${MICROPY_MODULEDEFS}
    ${MICROPY_MPVERSION}
    ${MICROPY_QSTRDEFS_GENERATED}
)
add_dependencies(${MICROPY_TARGET} BUILD_VERSION_HEADER BUILD_FROZEN_CONTENT)
