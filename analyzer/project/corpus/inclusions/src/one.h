#ifndef ONE
#define ONE
#include "two.h"
#ifdef TWO
int two;
#endif
#endif
