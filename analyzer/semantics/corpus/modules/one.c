#include "shared.h"
PyMODINIT_FUNC PyInit_one(void) { return 0; }
PyMODINIT_FUNC PyInit__two(void);
