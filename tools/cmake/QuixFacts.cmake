# cmake -DFILE=… -DSOURCE=… -DCOMPILER=… -DFLAGS=… -P QuixFacts.cmake

set(git "none")
set(dirty "false")
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --tags --abbrev=12 OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed EQUAL 0)
    set(git ${described})
    execute_process(COMMAND ${GIT} -C ${SOURCE} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      set(dirty "true")
    endif()
  endif()
endif()
foreach(name COMPILER FLAGS)
  string(REPLACE "\\" "\\\\" ${name} "${${name}}")
  string(REPLACE "\"" "\\\"" ${name} "${${name}}")
endforeach()
set(text "// Generated: what the build system knows.
#include <quix/detail/build_facts.hpp>

const quix::detail::BuildFacts quix::detail::quix_build_facts = {\"${git}\", ${dirty}, \"${COMPILER}\", \"${FLAGS}\"};
")
if(EXISTS ${FILE})
  file(READ ${FILE} before)
endif()
if(NOT before STREQUAL text)
  file(WRITE ${FILE} "${text}")
endif()
