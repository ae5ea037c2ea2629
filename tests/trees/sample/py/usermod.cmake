# C modules from outside the tree: USER_C_MODULES names a micropython.cmake, or a folder with one,
# which links INTERFACE libraries to the target usermod. Sets MICROPY_SOURCE_USERMOD.

add_library(usermod INTERFACE)

if(USER_C_MODULES)
    if(IS_DIRECTORY "${USER_C_MODULES}")
        set(USER_C_MODULES "${USER_C_MODULES}/micropython.cmake")
    endif()
    if(NOT EXISTS "${USER_C_MODULES}")
        message(FATAL_ERROR "USER_C_MODULES doesn't exist: ${USER_C_MODULES}")
    endif()
    message("Including User C Module(s) from ${USER_C_MODULES}")
    include("${USER_C_MODULES}")
endif()

get_target_property(usermod_libraries usermod INTERFACE_LINK_LIBRARIES)
if(usermod_libraries)
    foreach(library ${usermod_libraries})
        get_target_property(library_sources ${library} INTERFACE_SOURCES)
        list(APPEND MICROPY_SOURCE_USERMOD ${library_sources})
    endforeach()
endif()
