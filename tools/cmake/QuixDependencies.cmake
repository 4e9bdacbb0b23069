# Finds the libraries that quix is built on. tools/deps installs them and notes where in .deps/config.cmake.

if(NOT QUIX_BOOST_INCLUDE)
  include(${CMAKE_CURRENT_LIST_DIR}/../../.deps/config.cmake OPTIONAL)
endif()
if(QUIX_PREFIX)
  list(APPEND CMAKE_PREFIX_PATH ${QUIX_PREFIX})
endif()

set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)   # the targets that link them are used from other folders
find_package(Threads REQUIRED)

function(quix_require variable what package)
  if(NOT ${variable})
    message(FATAL_ERROR "quix: ${what} is missing. Install it with  tools/deps,  or as Debian's package ${package}.")
  endif()
endfunction()

# Boost: headers of PFR and Hana. 1.84 brought the names of fields.
find_path(QUIX_BOOST_INCLUDE_DIR boost/pfr/core_name.hpp HINTS ${QUIX_BOOST_INCLUDE} ${BOOST_ROOT}/include)
if(NOT QUIX_BOOST_INCLUDE_DIR)
  message(FATAL_ERROR "quix: no Boost >= 1.84 (boost/pfr/core_name.hpp). tools/deps  gets its headers, or set -DQUIX_BOOST_INCLUDE=DIR.")
endif()

find_package(yaml-cpp QUIET)
quix_require(yaml-cpp_FOUND yaml-cpp libyaml-cpp-dev)
if(TARGET yaml-cpp::yaml-cpp)   # its name since 0.8
  set(QUIX_YAML_TARGET yaml-cpp::yaml-cpp)
else()
  set(QUIX_YAML_TARGET yaml-cpp)
endif()

find_path(QUIX_TOML_INCLUDE_DIR toml++/toml.h)
quix_require(QUIX_TOML_INCLUDE_DIR toml++ libtomlplusplus-dev)

find_package(LibArchive QUIET)
quix_require(LibArchive_FOUND libarchive libarchive-dev)

foreach(library spng nettle)
  string(TOUPPER ${library} upper)
  find_library(QUIX_${upper}_LIBRARY ${library})
endforeach()
find_path(QUIX_SPNG_INCLUDE_DIR spng.h)
find_path(QUIX_NETTLE_INCLUDE_DIR nettle/sha2.h)
quix_require(QUIX_SPNG_LIBRARY libspng libspng-dev)
quix_require(QUIX_SPNG_INCLUDE_DIR "libspng's header" libspng-dev)
quix_require(QUIX_NETTLE_LIBRARY Nettle nettle-dev)
quix_require(QUIX_NETTLE_INCLUDE_DIR "Nettle's header" nettle-dev)

if(QUIX_TORCH)
  if(NOT Torch_DIR AND QUIX_TORCH_DIR)
    set(Torch_DIR ${QUIX_TORCH_DIR})
  endif()
  if(NOT Torch_DIR)
    find_program(QUIX_PYTHON NAMES python3 python)
    if(QUIX_PYTHON)
      execute_process(COMMAND ${QUIX_PYTHON} -c "import importlib.util,os; print(os.path.join(os.path.dirname(importlib.util.find_spec('torch').origin), 'share', 'cmake', 'Torch'))"
        OUTPUT_VARIABLE python_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
      if(failed EQUAL 0 AND EXISTS ${python_torch}/TorchConfig.cmake)
        list(APPEND CMAKE_PREFIX_PATH ${python_torch}/../../..)
      endif()
    endif()
  endif()
  set(quix_messages ${CMAKE_MESSAGE_LOG_LEVEL})
  set(CMAKE_MESSAGE_LOG_LEVEL ERROR)   # TorchConfig warns about parts of its own build that nobody needs
  find_package(Torch QUIET)
  set(CMAKE_MESSAGE_LOG_LEVEL ${quix_messages})
  if(NOT Torch_FOUND)
    message(FATAL_ERROR "quix: no LibTorch. tools/deps  gets it, or name one with -DTorch_DIR=…/share/cmake/Torch. Without tensors: -DQUIX_TORCH=OFF.")
  endif()
  if(Torch_VERSION AND Torch_VERSION VERSION_LESS 2.6)
    message(FATAL_ERROR "quix: LibTorch ${Torch_VERSION} in ${Torch_DIR} is older than 2.6. tools/deps --torch pip  gets a newer one.")
  endif()
  if(TORCH_CXX_FLAGS MATCHES "_GLIBCXX_USE_CXX11_ABI=0")
    message(FATAL_ERROR "quix: LibTorch ${Torch_VERSION} in ${Torch_DIR} is built with the old string ABI, which no other library here has. tools/deps --torch pip  gets one with the new.")
  endif()
endif()

find_program(QUIX_MOLD mold)
find_program(QUIX_LLD ld.lld)
