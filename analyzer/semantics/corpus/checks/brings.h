#include "again.h"
#include <numpy/arrayobject.h>
