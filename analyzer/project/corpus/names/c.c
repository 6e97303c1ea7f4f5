#include <Python.h>
#include "shared.h"
#ifdef LIBXML_ENABLED
int xml = PyTuple_GET_ITEM(0, 15);
#endif
