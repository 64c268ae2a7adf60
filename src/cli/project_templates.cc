#include "cli/project_templates.h"

#include <algorithm>
#include <array>

namespace caisson::cli {

namespace {

constexpr std::array kAssemblyScriptFiles = {
    ProjectFile{"guests/sdk/assemblyscript/template/README.md", "README.md"},
    ProjectFile{"guests/sdk/assemblyscript/template/gitignore", ".gitignore"},
    ProjectFile{"guests/sdk/assemblyscript/template/package.json", "package.json"},
    ProjectFile{"guests/sdk/assemblyscript/template/tsconfig.json", "assembly/tsconfig.json"},
    ProjectFile{"guests/sdk/assemblyscript/template/index.ts", "assembly/index.ts"},
    ProjectFile{"guests/sdk/assemblyscript/caisson.ts", "assembly/caisson.ts"},
    ProjectFile{"guests/sdk/component/component.mjs", "assembly/component.mjs"},
    ProjectFile{"api/wit/caisson-node/node.wit", "assembly/node.wit"},
    ProjectFile{"guests/sdk/assemblyscript/template/workflow.yaml", "workflow.yaml"},
};
constexpr std::array kAssemblyScriptSteps = {ProjectStep{"npm", "npm install"}, ProjectStep{"npm", "npm run build"}};

constexpr std::array kCFiles = {
    ProjectFile{"guests/sdk/c/template/README.md", "README.md"},
    ProjectFile{"guests/sdk/c/template/gitignore", ".gitignore"},
    ProjectFile{"guests/sdk/c/template/Makefile", "Makefile"},
    ProjectFile{"guests/sdk/c/template/processor.c", "processor.c"},
    ProjectFile{"guests/sdk/c/caisson.h", "caisson.h"},
    ProjectFile{"guests/sdk/c/template/workflow.yaml", "workflow.yaml"},
};
constexpr std::array kCSteps = {ProjectStep{"make", "make"}};

constexpr std::array kGoFiles = {
    ProjectFile{"guests/sdk/go/template/README.md", "README.md"},
    ProjectFile{"guests/sdk/go/template/gitignore", ".gitignore"},
    ProjectFile{"guests/sdk/go/template/go.mod", "go.mod"},
    ProjectFile{"guests/sdk/go/template/main.go", "main.go"},
    ProjectFile{"guests/sdk/go/go.mod", "guest/go.mod"},
    ProjectFile{"guests/sdk/go/caisson.go", "guest/caisson.go"},
    ProjectFile{"guests/sdk/go/host_component.go", "guest/host_component.go"},
    ProjectFile{"guests/sdk/go/host_other.go", "guest/host_other.go"},
    ProjectFile{"guests/sdk/go/host_wasip1.go", "guest/host_wasip1.go"},
    ProjectFile{"guests/sdk/go/http.go", "guest/http.go"},
    ProjectFile{"guests/sdk/go/json.go", "guest/json.go"},
    ProjectFile{"guests/sdk/component/component.mjs", "guest/component.mjs"},
    ProjectFile{"guests/sdk/component/wasi_snapshot_preview1.reactor.wasm",
                "guest/wasi_snapshot_preview1.reactor.wasm"},
    ProjectFile{"guests/sdk/component/wasi_snapshot_preview1.LICENSE", "guest/wasi_snapshot_preview1.LICENSE"},
    ProjectFile{"api/wit/caisson-node/node.wit", "guest/node.wit"},
    ProjectFile{"guests/sdk/go/template/workflow.yaml", "workflow.yaml"},
};
constexpr std::array kGoSteps = {
    ProjectStep{"go", "GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags='-s -w' -o @NAME@.wasm"},
};

constexpr std::array kJavaScriptFiles = {
    ProjectFile{"guests/sdk/javascript/template/README.md", "README.md"},
    ProjectFile{"guests/sdk/javascript/template/processor.js", "processor.js"},
    ProjectFile{"guests/sdk/javascript/template/workflow.yaml", "workflow.yaml"},
};

constexpr std::array kLuaFiles = {
    ProjectFile{"guests/sdk/lua/template/README.md", "README.md"},
    ProjectFile{"guests/sdk/lua/template/processor.lua", "processor.lua"},
    ProjectFile{"guests/sdk/lua/template/workflow.yaml", "workflow.yaml"},
};

constexpr std::array kPythonFiles = {
    ProjectFile{"guests/sdk/python/template/README.md", "README.md"},
    ProjectFile{"guests/sdk/python/template/processor.py", "processor.py"},
    ProjectFile{"guests/sdk/python/template/workflow.yaml", "workflow.yaml"},
};

constexpr std::array kRustFiles = {
    ProjectFile{"guests/sdk/rust/template/README.md", "README.md"},
    ProjectFile{"guests/sdk/rust/template/gitignore", ".gitignore"},
    ProjectFile{"guests/sdk/rust/template/Cargo.toml", "Cargo.toml"},
    ProjectFile{"guests/sdk/rust/template/config.toml", ".cargo/config.toml"},
    ProjectFile{"guests/sdk/rust/template/lib.rs", "src/lib.rs"},
    ProjectFile{"guests/sdk/rust/caisson/Cargo.toml", "caisson/Cargo.toml"},
    ProjectFile{"guests/sdk/rust/caisson/src/buffer.rs", "caisson/src/buffer.rs"},
    ProjectFile{"guests/sdk/rust/caisson/src/component.rs", "caisson/src/component.rs"},
    ProjectFile{"guests/sdk/rust/caisson/src/http.rs", "caisson/src/http.rs"},
    ProjectFile{"guests/sdk/rust/caisson/src/json.rs", "caisson/src/json.rs"},
    ProjectFile{"guests/sdk/rust/caisson/src/kv.rs", "caisson/src/kv.rs"},
    ProjectFile{"guests/sdk/rust/caisson/src/lib.rs", "caisson/src/lib.rs"},
    ProjectFile{"guests/sdk/rust/caisson/src/native.rs", "caisson/src/native.rs"},
    ProjectFile{"api/wit/caisson-node/node.wit", "caisson/wit/node.wit"},
    ProjectFile{"guests/sdk/rust/template/workflow.yaml", "workflow.yaml"},
};
constexpr std::array kRustSteps = {ProjectStep{"cargo", "cargo build --release"}};

constexpr std::array kTemplates = {
    ProjectTemplate{"assemblyscript", "AssemblyScript", kAssemblyScriptFiles, kAssemblyScriptSteps},
    ProjectTemplate{"c", "C", kCFiles, kCSteps},
    ProjectTemplate{"go", "Go", kGoFiles, kGoSteps},
    ProjectTemplate{"js", "JavaScript", kJavaScriptFiles, {}},
    ProjectTemplate{"lua", "Lua", kLuaFiles, {}},
    ProjectTemplate{"python", "Python", kPythonFiles, {}},
    ProjectTemplate{"rust", "Rust", kRustFiles, kRustSteps},
};

}  // namespace

std::span<const ProjectTemplate> project_templates() noexcept { return kTemplates; }

const ProjectTemplate* find_project_template(std::string_view language) noexcept {
  const auto* const found =
      std::ranges::find(kTemplates, language == "javascript" ? "js" : language, &ProjectTemplate::language);
  return found == kTemplates.end() ? nullptr : found;
}

}  // namespace caisson::cli
