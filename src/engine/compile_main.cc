// caisson-compile: the program that compiles modules for programs which use the library.

#include "engine/compile_child.h"

#include <exception>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + (argc > 1 ? 2 : argc), argv + argc);
    return argc > 1 && argv[1] == caisson::engine::kCompileChild ? caisson::engine::run_compile_child(arguments) : 2;
  } catch (const std::exception&) {
    return 1;  // memory ran out
  }
}
