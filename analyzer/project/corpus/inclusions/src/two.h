#ifndef TWO
#define TWO
#include "one.h"
#ifdef ONE
int one;
#endif
#endif
