#include <Python.h>
/* Conditions that are errors for a preprocessor, at some level or at all. */
#define TEXT "x"
#if TEXT
int text;
#endif
#ifdef TEXT
int text_defined;
#endif
#define BAD (
#if BAD
int bad;
#else
int bad_as_well;
#endif
#if UNKNOWN_CALL(1)
int call;
#endif
#if GIVEN_TEXT
int given_text;
#endif
#if PY_VERSION_HEX >= Py_PACK_FULL_VERSION(3, 14, 0, 0xA, 1)
int packed_full;
#endif
