#include "right.h"
#ifdef RIGHT
int right;
#endif
#define LEFT
