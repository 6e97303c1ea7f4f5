#include "config.h"
#include <Python.h>
/* What the target decides. */
#if PY_VERSION_HEX >= 0x030C0000 && Py_LIMITED_API+0 >= 0x030C0000
int since_3_12;
#elif defined(Py_LIMITED_API)
int limited;
#else
int full;
#endif
#if PY_MAJOR_VERSION < 3 || PY_MINOR_VERSION <= 8
int before_3_9;
#endif
#if PY_MICRO_VERSION >= 2
int micro;
#endif
#ifdef Py_GIL_DISABLED
int free_threaded;
#endif
#ifdef Py_TARGET_ABI3T
int abi3t;
#endif
#if defined(PYPY_VERSION) || defined(PYPY_VERSION_NUM) || defined(GRAALVM_PYTHON) || defined(Py_BUILD_CORE)
int other;
#endif
#if defined(WITH_THREAD) && defined(Py_PYTHON_H) && defined(Py_USING_UNICODE)
int always;
#endif
#if PY_VERSION_HEX >= _Py_PACK_FULL_VERSION(3, 14, 0, 0xA, 1)
int packed_full;
#endif
#if PY_VERSION_HEX >= _Py_PACK_VERSION(3, 16)
int packed;
#endif
/* Names of the C API: macros of the headers, functions, types. */
#ifdef PyUnicode_KIND
int full_macro;
#endif
#ifdef Py_RETURN_NONE
int limited_macro;
#endif
#ifdef PyLong_FromLong
int function;
#endif
#ifdef Py_TPFLAGS_HAVE_VECTORCALL
int flag;
#endif
#ifdef PyObject_CallOneArg
int macro_once;
#endif
/* The compiler. */
#ifdef __cplusplus
int cxx;
#endif
#if defined(_WIN32) || defined(__GNUC__)
int unknown_one;
#endif
#ifdef __APPLE__
int mac;
#elif PY_MAJOR_VERSION == 3
int rest;
#else
int never;
#endif
/* The project. */
#if WANT_X
int want_x;
#endif
#if LEVEL(2) > WIDTH
int computed;
#endif
#ifdef SPAM_OPTION
int option;
#endif
#ifdef SPAM_SECOND_OPTION
int nested_option;
# if 1
int inner;
# endif
#endif
#ifndef LATE
int not_yet;
#endif
#define LATE
#ifdef LATE
int now;
#endif
#undef LATE
#ifdef LATE
int no_more;
#endif
#ifdef _MSC_VER
# define PACKED 1
#endif
#if PACKED
int packed_there;
#endif
#if defined(__unix__)
# undef WIDTH
#endif
#ifdef WIDTH
int width_in_doubt;
#endif
#ifndef PORTABLE
# define PORTABLE 1
#endif
#ifdef PORTABLE
int portable;
#endif
#if PORTABLE
int portable_value;
#endif
#if defined(__linux__)
# if defined(WIDTH) && LEVEL(0) == 1
int both_in_doubt;
# endif
# if 0
int dead;
# endif
#endif
#if 0 || WIDTH_OF < 3
#define SHADOW 1
#endif
#if GIVEN == 2
int given;
#endif
#ifdef TAKEN_AWAY
int taken_away;
#endif
#ifdef HAVE_SPAM_BY_BUILD
int have_by_build;
#endif
#ifdef SPAM_BY_BUILD
int by_build;
#endif
#ifdef SPAM_COMPARED
int compared;
#endif
#if SPAM_COMPARED > 3
int more;
#endif
