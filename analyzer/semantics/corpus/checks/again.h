#include "brings.h"
