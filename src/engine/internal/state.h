#pragma once

#include "engine/engine.h"
#include "engine/internal/handles.h"
#include "engine/internal/ticker.h"
#include "engine/module.h"

#include <memory>
#include <span>

namespace caisson::engine {

/// The order of members is the order of destruction, reversed: the ticker stops before the engine goes.
struct Engine::State {
  EngineHandle engine;
  std::span<const HostFunction> host_functions;
  LinkerHandle linker;  // all host functions
  std::unique_ptr<Ticker> ticker;
};

struct Module::State {
  std::shared_ptr<Engine> engine;
  ModuleHandle module;
  InstancePreHandle pre;
};

}  // namespace caisson::engine
