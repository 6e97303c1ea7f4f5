#pragma once
#include "b/either.h"
