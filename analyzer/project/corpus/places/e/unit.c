#include "either.h"
#include "unit.h"
EITHER either;
