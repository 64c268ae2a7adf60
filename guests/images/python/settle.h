// The last thing before the snapshot: what is in the image shall not be written by a call.
#ifndef CAISSON_PYTHON_SETTLE_H
#define CAISSON_PYTHON_SETTLE_H

#include <stdbool.h>

// Every page of the image that a call writes is a page that the host copies, and cleans afterwards. So what is there
// becomes immortal (PEP 683), whose references nobody counts, and what a call allocates comes from fresh memory, side
// by side. False when there is no memory; a Python error is set then.
bool settle(void);

#endif
