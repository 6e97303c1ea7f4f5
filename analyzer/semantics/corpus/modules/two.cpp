#include "shared.h"
extern "C" PyObject *PyInit__two(void) { return 0; }
PySlot *PyModExport__two(void) { return slots; }
