# quix_add_experiment(NAME source… [CONFIG file.yaml…])
#
# One program for one experiment: links quix, shares one precompiled header with all others of the build tree, embeds what
# git says of this project and the configurations, and links with mold or lld where there is one.

function(quix_fast_link target)
  if(QUIX_MOLD)
    target_link_options(${target} PRIVATE -fuse-ld=mold)
  elseif(QUIX_LLD)
    target_link_options(${target} PRIVATE -fuse-ld=lld)
  endif()
endfunction()

# The precompiled header, made when the first experiment asks for it. All users have equal flags.
function(quix_precompiled target)
  if(NOT TARGET quix_pch)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/quix_compiled/pch.cpp CONTENT "// Owns the precompiled header.\n")
    add_library(quix_pch OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/quix_compiled/pch.cpp)
    target_link_libraries(quix_pch PRIVATE quix_compiled)
    target_precompile_headers(quix_pch PRIVATE <quix/detail/precompiled.hpp>)
  endif()
  target_precompile_headers(${target} REUSE_FROM quix_pch)
endfunction()

# A generated source with git's description of the project, refreshed by every build, recompiled when it changed.
function(quix_facts)
  if(TARGET quix_facts)
    return()
  endif()
  set(file ${CMAKE_BINARY_DIR}/quix_facts/facts.cpp)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  get_directory_property(options COMPILE_OPTIONS)
  string(JOIN " " flags ${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}} ${options})
  add_custom_target(quix_facts_text
    COMMAND ${CMAKE_COMMAND} -DFILE=${file} -DSOURCE=${CMAKE_SOURCE_DIR} "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" "-DFLAGS=${flags}" -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/QuixFacts.cmake
    BYPRODUCTS ${file} COMMENT "" VERBATIM)
  add_library(quix_facts OBJECT EXCLUDE_FROM_ALL ${file})
  target_link_libraries(quix_facts PRIVATE quix_cfg)
  add_dependencies(quix_facts quix_facts_text)
endfunction()

# A program of options without tensors, on <quix/cfg.hpp> (and <quix/data.hpp>, <quix/store.hpp>): what is no template is
# compiled once per build tree.
function(quix_add_program name)
  if(NOT ARGN)
    message(FATAL_ERROR "quix_add_program(${name}): name its source, like  quix_add_program(${name} main.cpp)")
  endif()
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE quix_compiled_base)
  quix_fast_link(${name})
endfunction()

function(quix_add_experiment name)
  cmake_parse_arguments(ARG "" "" "CONFIG" ${ARGN})
  if(NOT ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "quix_add_experiment(${name}): name its source, like  quix_add_experiment(${name} main.cpp)")
  endif()
  quix_facts()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE quix_compiled $<TARGET_OBJECTS:quix_facts>)
  add_dependencies(${name} quix_facts)
  quix_precompiled(${name})
  quix_fast_link(${name})
  if(ARG_CONFIG)
    quix_embed_configs(${name} ${ARG_CONFIG})
  endif()
  # Completing a word starts no program: the scripts hold all names and values.
  set(completions ${CMAKE_CURRENT_BINARY_DIR}/completions)
  file(MAKE_DIRECTORY ${completions})
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${name}> -DFOLDER=${completions}
            -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/QuixCompletions.cmake VERBATIM)
endfunction()

# Turns configurations into a header, which the experiment's main() finds and the compiler checks.
function(quix_embed_configs name)
  if(NOT TARGET quix_embed)
    add_executable(quix_embed EXCLUDE_FROM_ALL ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed.cpp)
    target_link_libraries(quix_embed PRIVATE quix_compiled_base)
  endif()
  set(paths)
  foreach(config IN LISTS ARGN)
    get_filename_component(path ${config} ABSOLUTE)
    if(NOT EXISTS ${path})
      message(FATAL_ERROR "quix_add_experiment(${name}): there is no configuration ${path}")
    endif()
    list(APPEND paths ${path})
  endforeach()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name}_configs)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${folder}/quix_embedded_configs.hpp
    COMMAND quix_embed ${folder}/quix_embedded_configs.hpp ${CMAKE_CURRENT_SOURCE_DIR} ${ARGN}
    DEPENDS quix_embed ${paths} VERBATIM COMMENT "")
  target_sources(${name} PRIVATE ${folder}/quix_embedded_configs.hpp)
  target_include_directories(${name} PRIVATE ${folder})
endfunction()
