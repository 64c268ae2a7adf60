#include "observe/observer.h"

namespace caisson::observe {

Observer::~Observer() = default;

}  // namespace caisson::observe
