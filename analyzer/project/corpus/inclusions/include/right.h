#include "left.h"
#ifdef LEFT
int left;
#endif
#define RIGHT
