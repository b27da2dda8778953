# SPDX-License-Identifier: Apache-2.0
# The steps of Install.ServesAnOutsideProject; see CMakeLists.txt for what it is given.
set(prefix ${scratch}/prefix)
set(outside ${scratch}/outside)
file(REMOVE_RECURSE ${prefix} ${outside})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "ended with ${status}: ${command}")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${build} --prefix ${prefix})
foreach(file IN LISTS installed)
  if(NOT EXISTS ${prefix}/${file})
    message(FATAL_ERROR "${file} is not installed")
  endif()
endforeach()
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/outside -B ${outside} -G ${generator}
  -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_FIND_USE_PACKAGE_REGISTRY=OFF
  -D CMAKE_BUILD_TYPE=${build_type}
  -D CMAKE_C_COMPILER=${c_compiler} -D CMAKE_C_FLAGS=${c_flags}
  -D CMAKE_CXX_COMPILER=${cxx_compiler} -D CMAKE_CXX_FLAGS=${cxx_flags}
  -D OUTSIDE_EXPECTS_ENGINE=${has_engine})
run(${CMAKE_COMMAND} --build ${outside})

execute_process(COMMAND ${nm} --dynamic --defined-only ${outside}/vsapi_outside.so
  OUTPUT_VARIABLE exports COMMAND_ERROR_IS_FATAL ANY)
if(NOT exports MATCHES "^[^\n]* vsapi_vendor_entry\n$")
  message(FATAL_ERROR "vsapi_outside.so should export vsapi_vendor_entry alone, not:\n${exports}")
endif()

if(has_engine)
  run(${outside}/outside_host ${outside}/vsapi_outside.so)
endif()
