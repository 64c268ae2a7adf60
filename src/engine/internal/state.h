#pragma once

#include "engine/engine.h"
#include "engine/internal/handles.h"
#include "engine/internal/ticker.h"
#include "engine/module.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace caisson::engine {

/// The order of members is the order of destruction, reversed: the ticker stops before the engine goes.
struct Engine::State {
  EngineHandle engine;
  std::span<const HostFunction> host_functions;
  LinkerHandle linker;                           // all host functions of modules
  std::vector<std::size_t> component_functions;  // the places of those of components
  std::vector<cn_host_name> component_names;     // likewise
  std::unique_ptr<Ticker> ticker;
};

/// What the compiler made: one of them.
struct Engine::Compiled {
  ModuleHandle module;
  ComponentHandle component;
};

struct Module::State {
  std::shared_ptr<Engine> engine;
  ModuleHandle module;  // a module has these two
  InstancePreHandle pre;
  ComponentHandle component;  // a component has these
  LinkedHandle linked;
  std::string link_error;  // why there is no `pre`, or nothing `linked`
};

}  // namespace caisson::engine
