# caisson::native: Wasmtime's C API, SQLite and our additions, one library built by Cargo (third_party/native).
# tools/native keeps it in the user's cache folder and prints where; only the first build on a machine takes minutes.
if(CAISSON_SANITIZE MATCHES "thread")
  set(kind cdylib)  # under TSan the uninstrumented code has to be a module of its own
else()
  set(kind staticlib)
endif()
execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/native ${kind} OUTPUT_VARIABLE native_dir
                OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE native_result)
if(NOT native_result EQUAL 0)
  message(FATAL_ERROR "tools/native could not build third_party/native; its messages are above")
endif()
message(STATUS "native library: ${native_dir}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
             ${PROJECT_SOURCE_DIR}/third_party/native/Cargo.lock ${PROJECT_SOURCE_DIR}/third_party/native/Cargo.toml)

if(kind STREQUAL "cdylib")
  add_library(caisson_native SHARED IMPORTED GLOBAL)
  set_target_properties(caisson_native PROPERTIES IMPORTED_LOCATION ${native_dir}/lib/libcaisson_native.so
                                                  IMPORTED_NO_SONAME ON)
else()
  add_library(caisson_native STATIC IMPORTED GLOBAL)
  set_target_properties(caisson_native PROPERTIES IMPORTED_LOCATION ${native_dir}/lib/libcaisson_native.a
                                                  INTERFACE_LINK_LIBRARIES "pthread;dl;m")
endif()
target_include_directories(caisson_native SYSTEM INTERFACE ${native_dir}/include)
add_library(caisson::native ALIAS caisson_native)
