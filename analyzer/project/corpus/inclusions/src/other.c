#ifdef _WIN32
#define BOTH_FROM_WINDOWS
#endif
#include <both.h>
#include "one.h"
#ifdef ONE
int one;
#endif
#ifdef BOTH
int both;
#endif
#include "doubtful.h"
#ifdef DOUBTFUL
int sure;
#endif
