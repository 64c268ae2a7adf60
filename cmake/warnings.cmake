# The warnings every target of the project is compiled with; a warning is an error in the presets a developer uses.
option(CAISSON_WERROR "a warning is an error" OFF)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnull-dereference
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 about std::variant and std::string at -O2 and above, and under the sanitizers.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-null-dereference)
endif()
if(CAISSON_WERROR)
  add_compile_options(-Werror)
endif()
