#ifndef BOTH_FROM_WINDOWS
#define BOTH
#endif
int both_here;
