#pragma once

#include "attack/scene.h"

#include <caisson/result.h>

#include <string_view>

namespace caisson::attack {

/// A kind of step: one function and one line in the table of steps.cc.
struct StepRow {
  std::string_view name;
  Status (*play)(Scene& scene, const Step& step);
};

/// nullptr when there is none of that name.
[[nodiscard]] const StepRow* find_step(std::string_view name) noexcept;

/// invalid_argument / attack.invalid_case
[[nodiscard]] Error bad_step(const Step& step, std::string_view why);

/// `plant: {PATH: TEXT, PATH: {folder|link|pipe|guest|bytes|bomb: ...}}`: files of the scene, in that order.
[[nodiscard]] Status plant(Scene& scene, const Step& step);
/// `certify: {NAME: {names: [...], expired: ..., trusted: ...}}`: those servers of the next step speak TLS.
[[nodiscard]] Status certify(Scene& scene, const Step& step);
/// `serve: {NAME: SCRIPT}`: servers on loopback, which do what their scripts say.
[[nodiscard]] Status serve(Scene& scene, const Step& step);
/// `names: {HOST: ADDRESSES}`: what the scene's names stand for, all of them.
[[nodiscard]] Status names(Scene& scene, const Step& step);
/// `environ: {NAME: TEXT}`: variables of the attacked process.
[[nodiscard]] Status environ(Scene& scene, const Step& step);
/// `run: {module: ..., input: ..., ...}`: a workflow of one node, or of a whole `definition`.
[[nodiscard]] Status run(Scene& scene, const Step& step);
/// `session: {name: ..., language|fork: ..., code: ..., snapshot: ..., ...}`: makes a session, or goes on with one.
[[nodiscard]] Status session(Scene& scene, const Step& step);
/// `tamper: {file: ..., flip|cut|append|replace|swap|...}`: somebody changes files between two runs.
[[nodiscard]] Status tamper(Scene& scene, const Step& step);
/// `verify_audit: {}`: the verdict is that of the audit log.
[[nodiscard]] Status verify_audit(Scene& scene, const Step& step);

/// A harmless workflow, in the same runtime.
[[nodiscard]] Status run_canary(Scene& scene);

}  // namespace caisson::attack
