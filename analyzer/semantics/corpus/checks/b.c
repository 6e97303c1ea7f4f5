#if PY_VERSION_HEX < 0x03000000
#include <Python.h>
#endif
#include <pybind11/detail/x.h>
#include <x/Python.h>
