#include "config.h"
#ifdef __cplusplus
int cxx;
#endif
#if __cplusplus >= 201103L
int modern;
#endif
#undef WANT_X
#define WANT_X 0
#if WANT_X
int want_x;
#endif
#ifdef SPAM_OPTION
int option;
#endif
#if GIVEN == 3
int given;
#endif
