#define DOUBTFUL 1
int in_doubt;
#ifdef FIRST
int never;
#endif
