# The library's targets. All are header-only: quix::cfg, quix::io, quix::data, quix::store, quix::plot know no torch;
# quix::proc, quix::run and quix::quix do. quix::NAME is what a project links.

if(NOT DEFINED QUIX_HEADERS)
  set(QUIX_HEADERS ${PROJECT_SOURCE_DIR}/include)
endif()

function(quix_layer name)
  cmake_parse_arguments(ARG "" "" "LINK;FOLDERS" ${ARGN})
  add_library(quix_${name} INTERFACE)
  add_library(quix::${name} ALIAS quix_${name})
  set_target_properties(quix_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(quix_${name} INTERFACE cxx_std_20)
  target_link_libraries(quix_${name} INTERFACE ${ARG_LINK})
  set(files)
  foreach(folder IN LISTS ARG_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS ${QUIX_HEADERS}/quix/${folder}/*.hpp)
    list(APPEND files ${found})
  endforeach()
  list(APPEND files ${QUIX_HEADERS}/quix/${name}.hpp)
  list(FILTER files EXCLUDE REGEX "detail/precompiled.hpp")
  target_sources(quix_${name} INTERFACE FILE_SET HEADERS BASE_DIRS ${QUIX_HEADERS} FILES ${files})
endfunction()

quix_layer(cfg FOLDERS cfg detail LINK ${QUIX_YAML_TARGET})
target_include_directories(quix_cfg SYSTEM INTERFACE $<BUILD_INTERFACE:${QUIX_BOOST_INCLUDE_DIR}> $<BUILD_INTERFACE:${QUIX_TOML_INCLUDE_DIR}>)
quix_layer(io FOLDERS io LINK quix_cfg)
target_include_directories(quix_io SYSTEM INTERFACE $<BUILD_INTERFACE:${QUIX_NETTLE_INCLUDE_DIR}>)
target_link_libraries(quix_io INTERFACE $<BUILD_INTERFACE:${QUIX_NETTLE_LIBRARY}>)
quix_layer(data FOLDERS data LINK quix_io Threads::Threads LibArchive::LibArchive)
foreach(library SPNG JPEG WEBP XXHASH)
  target_include_directories(quix_data SYSTEM INTERFACE $<BUILD_INTERFACE:${QUIX_${library}_INCLUDE_DIR}>)
  target_link_libraries(quix_data INTERFACE $<BUILD_INTERFACE:${QUIX_${library}_LIBRARY}>)
endforeach()
quix_layer(store FOLDERS store LINK quix_io)
quix_layer(plot FOLDERS plot LINK quix_io)
set(QUIX_LAYERS cfg io data store plot)

if(QUIX_TORCH)
  quix_layer(proc FOLDERS proc torch zoo LINK quix_data)
  target_sources(quix_proc INTERFACE FILE_SET HEADERS BASE_DIRS ${QUIX_HEADERS} FILES ${QUIX_HEADERS}/quix/zoo.hpp)
  target_link_libraries(quix_proc INTERFACE $<BUILD_INTERFACE:${TORCH_LIBRARIES}>)
  # PyTorch's wheels export parts of an older standard library (std::filesystem among them), and the first library that a
  # program names wins: programs crashed when half of a function came from there. So the standard library is named first,
  # by its file: a compiler may be set up to link it statically, which is one copy too many in a program with LibTorch.
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libstdc++.so.6 OUTPUT_VARIABLE quix_stdlib
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT IS_ABSOLUTE "${quix_stdlib}" OR NOT EXISTS "${quix_stdlib}")
    find_file(QUIX_STDLIB libstdc++.so.6 PATHS /usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/lib64 /lib64)
    set(quix_stdlib ${QUIX_STDLIB})
  endif()
  if(quix_stdlib)
    target_link_options(quix_proc INTERFACE LINKER:--push-state,--no-as-needed,${quix_stdlib},--pop-state)
  endif()
  quix_layer(run FOLDERS run LINK quix_proc quix_data quix_store quix_plot)
  quix_layer(quix LINK quix_run)
  list(APPEND QUIX_LAYERS proc run quix)
endif()

# Code that depends on no experiment, compiled once per build tree (the *.ipp files): what quix_add_experiment() links.
function(quix_compiled name)
  cmake_parse_arguments(ARG "" "" "LINK;FOLDERS" ${ARGN})
  set(sources)
  foreach(folder IN LISTS ARG_FOLDERS)
    file(GLOB_RECURSE parts RELATIVE ${QUIX_HEADERS} CONFIGURE_DEPENDS ${QUIX_HEADERS}/quix/${folder}/*.ipp)
    set(text "// Generated: the compiled part of quix/${folder}.\n")
    list(FILTER parts EXCLUDE REGEX "/kernels.ipp$")
    foreach(part IN LISTS parts)
      string(APPEND text "#include <${part}>\n")
    endforeach()
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/quix_compiled/${folder}.cpp CONTENT "${text}" @ONLY)
    list(APPEND sources ${PROJECT_BINARY_DIR}/quix_compiled/${folder}.cpp)
  endforeach()
  add_library(quix_${name} STATIC EXCLUDE_FROM_ALL ${sources})
  target_link_libraries(quix_${name} PUBLIC ${ARG_LINK})
  target_compile_definitions(quix_${name} PUBLIC QUIX_SEPARATE)
  # Under -O3 g++ 12 and 13 take the sum of a literal and a temporary string for a copy without bounds.
  target_compile_options(quix_${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow -Wno-restrict>)
endfunction()

quix_compiled(compiled_base FOLDERS cfg io data store plot LINK quix_data quix_store quix_plot)
if(QUIX_TORCH)
  quix_compiled(compiled FOLDERS torch proc zoo run LINK quix_quix quix_compiled_base)
  # Loops over whole models: at::parallel_for runs on one thread in a source that is not compiled with -fopenmp, and
  # square roots and comparisons are taken one by one where errno and exceptions have to be right.
  set(kernels ${PROJECT_BINARY_DIR}/quix_compiled/kernels.cpp)
  file(CONFIGURE OUTPUT ${kernels} CONTENT "// Generated.\n#include <quix/proc/kernels.ipp>\n" @ONLY)
  set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS "-O3;-fno-math-errno;-fno-trapping-math;${OpenMP_CXX_FLAGS}"
    SKIP_PRECOMPILE_HEADERS ON)
  target_sources(quix_compiled PRIVATE ${kernels})
  foreach(library IN LISTS OpenMP_CXX_LIB_NAMES)
    target_link_libraries(quix_compiled PUBLIC -l${library})  # by name: LibTorch brings one of its own, and one is enough
  endforeach()
endif()
