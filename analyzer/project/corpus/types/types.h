typedef PyTypeObject *(*finder)(void);
PyTypeObject *from_header(void);
extern PyTypeObject *header_type;
extern struct { PyTypeObject *type; } header_struct;
extern struct outside { struct { PyTypeObject *first; } outer; } nested;
#if PY_MAJOR_VERSION >= 3
#define SINCE(o) Py_TYPE(o)
#else
#define SINCE(o) (o)
#endif
#ifdef _WIN32
#define DEPENDS(o) Py_TYPE(o)
#else
#define DEPENDS(o) ((PyTypeObject *)(o))
#endif
#ifdef _WIN32
#define MAYBE(o) Py_TYPE(o)
#endif
