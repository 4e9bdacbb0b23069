# How quix builds itself. A project that uses quix keeps its own settings.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)   # the target all_verify_interface_header_sets compiles each header alone
add_compile_options(-Wall -Wextra -Wpedantic -Werror)

if(QUIX_SANITIZE STREQUAL "address")
  # With sanitizers GCC takes std::optional's empty storage for a use before initialisation.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1
    -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=address,undefined)
elseif(QUIX_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -g1)
  add_link_options(-fsanitize=thread)
elseif(QUIX_SANITIZE)
  message(FATAL_ERROR "QUIX_SANITIZE is ${QUIX_SANITIZE}; it is address, thread, or empty")
endif()

find_program(QUIX_CCACHE ccache)
if(QUIX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers need these.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${QUIX_CCACHE})
  add_compile_options(-fpch-preprocess)
endif()
