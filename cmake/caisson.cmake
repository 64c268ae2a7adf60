# The project's own CMake commands: libraries with a rank, one test binary for each of them.

file(READ ${PROJECT_SOURCE_DIR}/layers.json CAISSON_LAYERS)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/layers.json)

function(caisson_rank name out)
  string(JSON rank ERROR_VARIABLE error GET "${CAISSON_LAYERS}" layers ${name} rank)
  if(error)
    message(FATAL_ERROR "layers: '${name}' is not in layers.json")
  endif()
  set(${out} ${rank} PARENT_SCOPE)
endfunction()

# caisson_library(NAME SOURCES a.cc ... [HEADERS a.h ...] [DEPS base ...] [VENDOR target ...] [TESTING fake.cc ...])
# Builds caisson::NAME from src/NAME. DEPS are libraries of lower rank; VENDOR targets stay private to it.
# Every *_test.cc in the folder goes into one test binary, NAME_test; TESTING sources are fakes for it and for higher ranks.
function(caisson_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;VENDOR;TESTING;TEST_VENDOR" ${ARGN})
  caisson_rank(${name} own)
  foreach(dep IN LISTS arg_DEPS)
    caisson_rank(${dep} rank)
    if(NOT rank LESS own)
      message(FATAL_ERROR "layers: '${name}' (rank ${own}) must not use '${dep}' (rank ${rank})")
    endif()
  endforeach()
  list(TRANSFORM arg_DEPS PREPEND caisson:: OUTPUT_VARIABLE deps)
  list(TRANSFORM arg_VENDOR REPLACE "^fmt::fmt$" "${CAISSON_FMT}")
  list(TRANSFORM arg_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/${name}/ OUTPUT_VARIABLE sources)

  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.h ${PROJECT_SOURCE_DIR}/src/${name}/testing/*.h
       ${PROJECT_SOURCE_DIR}/src/${name}/nodes/*.h)
  add_library(caisson_${name} STATIC ${sources})
  add_library(caisson::${name} ALIAS caisson_${name})
  target_sources(caisson_${name} PUBLIC FILE_SET internal_headers TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src
                                        FILES ${headers})
  target_include_directories(caisson_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
  target_link_libraries(caisson_${name} PUBLIC ${deps} PRIVATE ${arg_VENDOR})
  set_target_properties(caisson_${name} PROPERTIES EXPORT_NAME ${name})

  if(arg_TESTING)
    list(TRANSFORM arg_TESTING PREPEND ${PROJECT_SOURCE_DIR}/src/${name}/testing/ OUTPUT_VARIABLE fakes)
    add_library(caisson_${name}_testing STATIC EXCLUDE_FROM_ALL ${fakes})
    add_library(caisson::${name}_testing ALIAS caisson_${name}_testing)
    target_link_libraries(caisson_${name}_testing PUBLIC caisson::${name})
  endif()

  file(GLOB tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*_test.cc ${PROJECT_SOURCE_DIR}/src/${name}/*/*_test.cc)
  if(tests AND BUILD_TESTING)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE caisson::${name} ${arg_TEST_VENDOR} GTest::gtest_main)
    if(arg_TESTING)
      target_link_libraries(${name}_test PRIVATE caisson::${name}_testing)
    endif()
    foreach(dep IN LISTS arg_DEPS)
      if(TARGET caisson_${dep}_testing)
        target_link_libraries(${name}_test PRIVATE caisson::${dep}_testing)
      endif()
    endforeach()
    target_compile_definitions(${name}_test PRIVATE CAISSON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
endfunction()

# caisson_embed(LIBRARY HEADER file.h NAMESPACE caisson::x FOLDER FILE... [FOLDER FILE...]...)
# Makes files a part of a library: defines `std::span<const File> files()` of that namespace, which the header declares
# with `File`: the path below the folder before it, and the bytes. Sorted by path.
function(caisson_embed library)
  cmake_parse_arguments(arg "" "HEADER;NAMESPACE" "" ${ARGN})
  set(name caisson_${library}_files)
  set(assembly ".section .rodata\n")
  set(declarations "")
  set(rows "")
  set(paths "")
  set(folder "")
  foreach(item IN LISTS arg_UNPARSED_ARGUMENTS)
    if(IS_DIRECTORY ${item})
      set(folder ${item})
      continue()
    endif()
    file(RELATIVE_PATH path ${folder} ${item})
    string(MAKE_C_IDENTIFIER "${name}_${path}" symbol)
    string(APPEND assembly ".global ${symbol}\n.global ${symbol}_end\n${symbol}:\n.incbin \"${item}\"\n${symbol}_end:\n.byte 0\n")
    string(APPEND declarations "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND rows "      {\"${path}\", {${symbol}, ${symbol}_end}},\n")
    list(APPEND paths ${item})
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",@progbits\n")
  file(CONFIGURE OUTPUT ${library}_files.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${library}_files.cc @ONLY CONTENT "#include \"${arg_HEADER}\"

#include <algorithm>
#include <array>

${declarations}
namespace ${arg_NAMESPACE} {

std::span<const File> files() noexcept {
  static const auto all = [] {
    auto rows = std::to_array<File>({
${rows}    });
    std::ranges::sort(rows, {}, &File::path);
    return rows;
  }();
  return all;
}

}  // namespace ${arg_NAMESPACE}
")
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/${library}_files.S PROPERTIES OBJECT_DEPENDS "${paths}")
  target_sources(caisson_${library} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${library}_files.S ${CMAKE_CURRENT_BINARY_DIR}/${library}_files.cc)
endfunction()
