#pragma once

#include "base/environment.h"
#include "runtime/configuration.h"
#include "runtime/machinery.h"

#include <caisson/runtime.h>

#include <memory>
#include <utility>

namespace caisson {

struct Runtime::State {
  State(RuntimeOptions options, std::unique_ptr<base::Environment> environment, runtime::Configurations configured)
      : configurations(std::move(configured)), machinery(std::move(options), std::move(environment)) {}

  runtime::Configurations configurations;
  runtime::Machinery machinery;
};

}  // namespace caisson
