#include <Python.h>
#if PY_MAJOR_VERSION < 3
int two;
#elif PY_VERSION_HEX < 0x03080000
int old;
#elif PY_VERSION_HEX < 0x030A0000
int some;
#else
int rest;
#endif
#if PY_VERSION_HEX >= 0x03080000
int all;
#endif
#if PY_VERSION_HEX > 0x030F0000 || PY_MINOR_VERSION > 15
int future;
#endif
#if PY_VERSION_HEX >= 0x03000000
#define IS_PY3K
#define MODERN 1
#if PY_MINOR_VERSION >= 10
#define NEW_API 1
#endif
#define GE(n) (PY_MINOR_VERSION >= (n))
#else
#define STRINGS 1
#endif
#ifdef IS_PY3K
int three;
#else
int not_three;
#endif
#if MODERN
int modern;
#endif
#ifdef NEW_API
int new_api;
#endif
#ifdef STRINGS
int strings;
#endif
#if GE(8)
int ge;
#endif
#if GE(16)
int ge16;
#endif
#define ALWAYS 1
#if ALWAYS
int always;
#endif
#if !defined(Py_LIMITED_API) && PY_MAJOR_VERSION == 2
int limited;
#endif
#if 0
int zero;
#endif
#ifdef _WIN32
#if PY_MAJOR_VERSION >= 3
#define ON_WINDOWS 1
#endif
#endif
#ifdef ON_WINDOWS
int windows;
#endif
#if PY_MAJOR_VERSION >= 3
#define TWICE 1
#endif
#if PY_MINOR_VERSION >= 9
#define TWICE 0
#endif
#if TWICE
int twice;
#endif
#if PY_MAJOR_VERSION >= 3
#define CIRCLE_A CIRCLE_B
#define CIRCLE_B CIRCLE_A
#endif
#if CIRCLE_A
int circle;
#endif
#if PY_VERSION_HEX >= 0x030D00F0 && PY_VERSION_HEX < 0x030D0100
int first_release;
#endif
#if PY_VERSION_HEX >= 0x030D0500 && PY_MINOR_VERSION == 13
int later_release;
#endif
#if PY_MICRO_VERSION > 3
int micro;
#endif
