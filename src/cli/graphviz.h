#pragma once

#include "base/environment.h"

#include <caisson/result.h>

#include <string>
#include <string_view>

namespace caisson::cli {

/// The picture that Graphviz, a program of the machine, makes of a graph in DOT. `format`: what `dot -T` knows.
///
/// Errors: not_found / cli.no_graphviz: PATH has no `dot`; internal / cli.graphviz_failed: it took too long, or did not
/// make one; unavailable / base.no_child.
[[nodiscard]] Result<std::string> draw_graph(std::string_view dot, std::string_view format,
                                             const base::Environment& environment);

}  // namespace caisson::cli
