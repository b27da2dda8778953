# SPDX-License-Identifier: Apache-2.0
# vsapi_add_vendor(NAME SOURCE...): a vendor DLL vsapi_NAME.so that exports the one symbol of the
# contract. In this project's own build it lands in lib/vsapi.
function(vsapi_add_vendor name)
  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/vendor_exports.map)
  add_library(vsapi_${name} MODULE ${ARGN})
  set_target_properties(vsapi_${name} PROPERTIES
    PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${exports})
  if(OpenVSAPI_SOURCE_DIR)
    set_target_properties(vsapi_${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${OpenVSAPI_BINARY_DIR}/lib/vsapi)
  endif()
  target_link_libraries(vsapi_${name} PRIVATE vsapi::api)
  if(NOT WIN32)
    target_link_options(vsapi_${name} PRIVATE -Wl,--version-script=${exports})
  endif()
endfunction()
