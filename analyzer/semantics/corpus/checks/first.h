#ifdef _WIN32
#include "brings.h"
#endif
