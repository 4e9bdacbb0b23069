# Installs headers and a CMake package. The package holds the same modules that build quix itself, so that quix_add_experiment()
# works the same from outside; the places of its dependencies are those found here, unless the user's project says otherwise.

include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/quix)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/quix DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp" PATTERN "*.inc")
install(FILES tools/cmake/QuixDependencies.cmake tools/cmake/QuixTargets.cmake tools/cmake/QuixExperiment.cmake tools/cmake/QuixFacts.cmake tools/cmake/QuixCompletions.cmake tools/cmake/embed.cpp DESTINATION ${package})

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/QuixPaths.cmake CONTENT [[# Where quix's dependencies were when it was installed.
set(QUIX_TORCH_DIR "@Torch_DIR@")
set(QUIX_BOOST_INCLUDE "@QUIX_BOOST_INCLUDE_DIR@")
set(QUIX_PREFIX "@QUIX_PREFIX@")
]] @ONLY)
configure_package_config_file(tools/cmake/quixConfig.cmake.in ${PROJECT_BINARY_DIR}/quixConfig.cmake INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/quixConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/QuixPaths.cmake ${PROJECT_BINARY_DIR}/quixConfig.cmake ${PROJECT_BINARY_DIR}/quixConfigVersion.cmake DESTINATION ${package})
