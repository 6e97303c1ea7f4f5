#include <Python.h>
#include "../near.h"
#include "../../d/far.h"
#include "./own.h"
#include "b/either.h"
#include "missing.h"
#include <../near.h>
#include <d/far.h>
NEAR near; FAR far; OWN own; EITHER either;
void f(PyObject *o) { near->tp_name; far->tp_free; own->tp_basicsize; either->tp_itemsize; }
