#define FIRST 1
#include "./table.inc"
#undef FIRST
#define SECOND
#include "table.inc"
#include "../lib/both.h"
#include <spam/api.h>
#include <stdio.h>
#include <lib/absent.h>
#if defined(__linux__)
#include "doubtful.h"
#endif
#ifdef API_SEEN
int api_seen;
#endif
#ifdef DOUBTFUL
int doubtful;
#endif
#ifdef BOTH
int both;
#endif
#ifdef TABLES
int tables;
#endif
#ifdef STDIO_OF_OURS
int stdio;
#endif
#ifndef MAIN_AGAIN
#define MAIN_AGAIN
#include "main.c"
#endif
