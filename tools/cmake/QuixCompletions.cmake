# Writes a program's completion scripts. One that does not run here (built for another machine) is only noted: no "||" in
# the build's command, which would take a failed link for a success.
execute_process(COMMAND ${PROGRAM} config --completion ${FOLDER} RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
if(failed)
  get_filename_component(name ${PROGRAM} NAME)
  message(STATUS "note: ${name} does not run here, so it has no completion scripts")
endif()
