#include "first.h"
#include <boost/python.h>
#include <numpy/npy_common.h>
