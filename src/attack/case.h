#pragma once

#include "base/control.h"
#include "document/value.h"

#include <caisson/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::attack {

/// Something done in a scene, or something asked of what came of it: a name and what it is about.
struct Step {
  std::string name;
  document::Value about;
};
struct Condition {
  std::string fact;
  document::Value wanted;
};

/// An attack as data: who does what, what has to come of it, and what would come of it without the control.
/// tests/audit/README.md describes the file.
struct Case {
  std::string id;      ///< `SA-067`
  std::string name;    ///< `dotdot`
  std::string folder;  ///< of its files: `SA-067_dotdot`
  std::string attack;  ///< one sentence
  /// What keeps it from harm. All of them are switched off together to see the harm.
  std::vector<base::Control> controls;
  std::string instead;  ///< of controls: why there is nothing to switch, and what proves the case
  std::vector<Step> steps;
  std::vector<Condition> expect;  ///< all of them hold
  std::vector<Condition> harm;    ///< none of them holds; one at least does when the controls are off
};

/// Errors: as parse_yaml; invalid_argument / attack.invalid_case with one diagnostic for each problem.
[[nodiscard]] Result<Case> read_case(std::string_view text, std::string_view folder);

/// All cases in the program, in the order of their ids.
/// Errors: as read_case: the program was built with a case that cannot be read.
[[nodiscard]] Result<std::vector<Case>> all_cases();

}  // namespace caisson::attack
