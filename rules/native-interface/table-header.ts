/** The header that other modules include: the table, and how it is imported. */
export const tableHeader = String.raw`
/* The native interface of @MODULE@: functions, objects and data for other extension modules.
 *
 * In the module that uses it:
 *
 *     #include "spam_api.h"
 *
 *     typedef struct { SpamApiImport spam; } State;     a member of the state of the module
 *
 *     SpamApi_Import(&state->spam)                      once, in the function of Py_mod_exec; -1 with an exception
 *     const SpamApi *api = SpamApi_Get(&state->spam);   wherever it is used; NULL with an exception
 *     SpamApi_TraverseImport(&state->spam, visit, arg)  in m_traverse
 *     SpamApi_ClearImport(&state->spam)                 in m_clear, and in m_free
 *
 * Define SPAM_API_NEEDED_MINOR before the include where less than this header's own minor version is enough, and ask
 * SPAM_API_HAS(api, entry) before an entry is used that is newer than that.
 *
 * A version that was published is changed in one way: entries are added at the end, with another minor version. What
 * else changes takes another major version. For Python 3.5 and later, with Py_LIMITED_API or without.
 */
#ifndef SPAM_API_H
#define SPAM_API_H

#include <Python.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
@STRING@

#ifdef __cplusplus
extern "C" {
#endif

#define SPAM_API_MAJOR @MAJOR@
#define SPAM_API_MINOR @MINOR@

#ifndef SPAM_API_NEEDED_MINOR
#  define SPAM_API_NEEDED_MINOR SPAM_API_MINOR
#endif

#define SPAM_API_MODULE "@MODULE@"
#define SPAM_API_ATTRIBUTE "_native_api"
#define SPAM_API_CAPSULE "@MODULE@._native_api"

/* Flags of a table. */
#define SPAM_API_NEEDS_GIL 1u       /* its functions are called with the GIL, or an attached thread state */
#define SPAM_API_SUBINTERPRETERS 2u /* it may be used in other interpreters than the main one */
#define SPAM_API_FREE_THREADING 4u  /* it may be used by several threads at once, without the GIL */

/* What every table begins with, in every version. */
typedef struct SpamApiHead {
    size_t size;                  /* in bytes, up to the end of the last entry */
    uint32_t major;
    uint32_t minor;
    uint32_t flags;
    PyObject *module;             /* who made it; NULL from when that module is cleared */
    void (*destroy)(void *table); /* called with the table before its memory is freed; may be NULL */
} SpamApiHead;

typedef struct SpamApi {
    SpamApiHead head;
@FIELDS@
} SpamApi;

/* How long the table is in each minor version: up to the end of the last entry of that. */
#define SPAM_API_END(entry) (offsetof(SpamApi, entry) + sizeof(((SpamApi *)0)->entry))
@SIZES@

/* Whether a table has an entry. */
#define SPAM_API_HAS(api, entry) ((api)->head.size >= SPAM_API_END(entry))

#define SPAM_API_PASTE(a, b) a##b
#define SPAM_API_SIZE_OF(minor) SPAM_API_PASTE(SPAM_API_SIZE_, minor)

/* The level of the Limited API that this is compiled for, or the version of Python. */
#ifdef Py_LIMITED_API
#  define SPAM_API_LEVEL (Py_LIMITED_API + 0)
#else
#  define SPAM_API_LEVEL PY_VERSION_HEX
#endif

/* Raises ImportError. */
static inline void
SpamApi_Refuse(const char *format, ...)
{
    PyObject *message, *name;
    va_list arguments;
    va_start(arguments, format);
    message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    name = message != NULL ? PyUnicode_FromString(SPAM_API_MODULE) : NULL;
    if (name != NULL) {
#if SPAM_API_LEVEL >= 0x03070000
        PyErr_SetImportError(message, name, NULL);
#else
        PyErr_SetObject(PyExc_ImportError, message);
#endif
    }
    Py_XDECREF(name);
    Py_XDECREF(message);
}

/* What a function of sys answers: 1 or 0, which is also for a Python that does not have it; -1 with an exception. */
static inline int
SpamApi_AskSys(const char *name)
{
    PyObject *answer, *function = PySys_GetObject(name);
    int result = 0;
    if (function != NULL) {
        Py_INCREF(function);
        answer = PyObject_CallObject(function, NULL);
        result = answer != NULL ? PyObject_IsTrue(answer) : -1;
        Py_XDECREF(answer);
        Py_DECREF(function);
    }
    return result;
}

/* A number for the interpreter that runs: from 3.9 on its id, which no other ever gets, and 0 for the main one; before
 * that the address of sys.modules. */
static inline int64_t
SpamApi_Interpreter(void)
{
#if SPAM_API_LEVEL >= 0x03090000
    return PyInterpreterState_GetID(PyInterpreterState_Get());
#else
    return (int64_t)(intptr_t)PySys_GetObject("modules");
#endif
}

/* Whether a table may be used in the interpreter that runs. @returns 0, or -1 with an exception */
static inline int
SpamApi_CheckInterpreter(const SpamApiHead *head)
{
#if SPAM_API_LEVEL >= 0x03090000
    if (!(head->flags & SPAM_API_SUBINTERPRETERS) && SpamApi_Interpreter() != 0) {
        SpamApi_Refuse("the native interface of '%s' is for the main interpreter alone", SPAM_API_MODULE);
        return -1;
    }
#else
    (void)head;
#endif
    return 0;
}

/* Whether a table may be used, in whichever interpreter. @returns 0, or -1 with an exception */
static inline int
SpamApi_CheckHead(const SpamApiHead *head, unsigned int minor, size_t size)
{
    if (head->size < sizeof(SpamApiHead)) {
        SpamApi_Refuse("the native interface of '%s' is too short: %zu bytes, and %zu are needed",
                       SPAM_API_MODULE, head->size, size);
        return -1;
    }
    if (head->major != SPAM_API_MAJOR || head->minor < minor) {
        SpamApi_Refuse("the native interface of '%s' has version %u.%u, and %u.%u%s is needed", SPAM_API_MODULE,
                       (unsigned int)head->major, (unsigned int)head->minor, (unsigned int)SPAM_API_MAJOR, minor,
                       head->major == SPAM_API_MAJOR ? " or a later minor one" : "");
        return -1;
    }
    if (head->size < size) {
        SpamApi_Refuse("the native interface of '%s' is too short: %zu bytes, and %zu are needed",
                       SPAM_API_MODULE, head->size, size);
        return -1;
    }
    if (head->module == NULL) {
        SpamApi_Refuse("the module '%s' that made the native interface is finalized", SPAM_API_MODULE);
        return -1;
    }
    if (!(head->flags & SPAM_API_FREE_THREADING) && PySys_GetObject("_is_gil_enabled") != NULL) {
        int has_gil = SpamApi_AskSys("_is_gil_enabled");
        if (has_gil == 0) {
            SpamApi_Refuse("the native interface of '%s' needs the GIL, which is off", SPAM_API_MODULE);
        }
        return has_gil > 0 ? 0 : -1;
    }
    return 0;
}

/* What a module that uses the interface keeps in its state: all zero at first. */
typedef struct SpamApiImport {
    const SpamApi *api;
    PyObject *module;    /* whose code and data it is */
    PyObject *capsule;   /* whose memory it is */
    int64_t interpreter; /* where it may be used */
} SpamApiImport;

/* For m_traverse. */
static inline int
SpamApi_TraverseImport(const SpamApiImport *imported, visitproc visit, void *arg)
{
    Py_VISIT(imported->module);
    Py_VISIT(imported->capsule);
    return 0;
}

/* For m_clear and m_free. */
static inline void
SpamApi_ClearImport(SpamApiImport *imported)
{
    imported->api = NULL;
#if SPAM_API_LEVEL >= 0x03090000
    if (imported->interpreter != SpamApi_Interpreter()) {
        /* Kept in a static variable: those are objects of another interpreter, or of one that has ended. */
        imported->capsule = imported->module = NULL;
    }
#endif
    Py_CLEAR(imported->capsule);
    Py_CLEAR(imported->module);
}

/* The table that a module has as an attribute; NULL with an exception. @param capsule gets a new reference */
static inline const SpamApi *
SpamApi_Of(PyObject *module, PyObject **capsule)
{
    const SpamApi *api = NULL;
    PyObject *found = PyObject_GetAttrString(module, SPAM_API_ATTRIBUTE);
    if (found == NULL && !PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return NULL;
    }
    if (found == NULL) {
        PyErr_Clear();
    }
    if (found == NULL || !PyCapsule_IsValid(found, SPAM_API_CAPSULE)) {
        SpamApi_Refuse("the module '%s' has no native interface", SPAM_API_MODULE);
        Py_XDECREF(found);
        return NULL;
    }
    api = (const SpamApi *)PyCapsule_GetPointer(found, SPAM_API_CAPSULE);
    if (api == NULL || SpamApi_CheckHead(&api->head, SPAM_API_NEEDED_MINOR,
                                         SPAM_API_SIZE_OF(SPAM_API_NEEDED_MINOR)) < 0) {
        Py_DECREF(found);
        return NULL;
    }
    if (api->head.module != module) {
        SpamApi_Refuse("the native interface of '%s' was made by another module", SPAM_API_MODULE);
        Py_DECREF(found);
        return NULL;
    }
    *capsule = found;
    return api;
}

/* Imports the module and its table, for the interpreter that runs or for whichever.
 * @returns 0, or -1 with an exception */
static inline int
SpamApi_ImportFor(SpamApiImport *imported, int is_for_this)
{
    const SpamApi *api;
    PyObject *module, *capsule = NULL;
    int ends = SpamApi_AskSys("is_finalizing");
    if (ends != 0) {
        if (ends > 0) {
            SpamApi_Refuse("the native interface of '%s' is asked for while Python is finalized", SPAM_API_MODULE);
        }
        return -1;
    }
    module = PyImport_ImportModule(SPAM_API_MODULE);
    api = module != NULL ? SpamApi_Of(module, &capsule) : NULL;
    if (api == NULL || (is_for_this && SpamApi_CheckInterpreter(&api->head) < 0)) {
        Py_XDECREF(capsule);
        Py_XDECREF(module);
        return -1;
    }
    SpamApi_ClearImport(imported);
    imported->api = api;
    imported->module = module;
    imported->capsule = capsule;
    imported->interpreter = SpamApi_Interpreter();
    return 0;
}

/* Imports the module and its table. @returns 0, or -1 with an exception: ImportError where there is none that fits */
static inline int
SpamApi_Import(SpamApiImport *imported)
{
    return SpamApi_ImportFor(imported, 1);
}

/* The table that was imported. @returns NULL with ImportError where it was not, or may not be used any more, or here */
static inline const SpamApi *
SpamApi_Get(const SpamApiImport *imported)
{
    if (imported->api == NULL) {
        SpamApi_Refuse("the native interface of '%s' is not imported", SPAM_API_MODULE);
        return NULL;
    }
    if (imported->interpreter != SpamApi_Interpreter()) {
        SpamApi_Refuse("the native interface of '%s' was imported in another interpreter", SPAM_API_MODULE);
        return NULL;
    }
    if (imported->api->head.module == NULL) {
        SpamApi_Refuse("the module '%s' that made the native interface is finalized", SPAM_API_MODULE);
        return NULL;
    }
    return imported->api;
}
@STATIC@
@OBJECTS@

#ifdef __cplusplus
}
#endif

#endif
`

/** What imports the table of a module that had another one before, for users that keep a pointer for the process. */
export const tableStatic = String.raw`
/* The entries alone, for users without a state: addresses of functions and of static data, which are good in all
 * interpreters. Entries that are added to the table are added here, too. */
typedef struct SpamApiEntries {
@FIELDS@
} SpamApiEntries;

/* Imports the table as above, and gives a copy of its entries. What keeps that has one pointer for all interpreters, so
 * no interpreter alone is refused: that would take it away from the others. @returns NULL with an exception */
static inline const SpamApiEntries *
SpamApi_ImportStatic(void)
{
    static SpamApiEntries entries;
    SpamApiImport imported;
    memset(&imported, 0, sizeof(imported));
    if (SpamApi_ImportFor(&imported, 0) < 0) {
        return NULL;
    }
@COPIES@
    SpamApi_ClearImport(&imported);
    return &entries;
}
`

/** The same for the tables of single objects. */
export const tableObjects = String.raw`
/* Single objects: a type whose objects have a table has a method of this name, which takes the version that is needed
 * and gives a capsule. */
#define SPAM_OBJECT_API_METHOD "_spam_native_api"
#define SPAM_OBJECT_API_CAPSULE "@MODULE@._spam_native_api"

/* What an object offers. Valid as long as its capsule, which keeps the object. */
typedef struct SpamObjectApi {
    SpamApiHead head;
    PyObject *object;
@OBJECT_FIELDS@
} SpamObjectApi;

#define SPAM_OBJECT_API_END(entry) (offsetof(SpamObjectApi, entry) + sizeof(((SpamObjectApi *)0)->entry))
@OBJECT_SIZES@
#define SPAM_OBJECT_API_HAS(api, entry) ((api)->head.size >= SPAM_OBJECT_API_END(entry))
#define SPAM_OBJECT_API_SIZE_OF(minor) SPAM_API_PASTE(SPAM_OBJECT_API_SIZE_, minor)

/* The table of an object.
 * @param capsule gets a new reference: the table is there until it is given back
 * @returns NULL with an exception: TypeError where the type of the object has no such tables, ImportError where they
 * are of another version */
static inline const SpamObjectApi *
SpamObjectApi_Of(PyObject *object, PyObject **capsule)
{
    const SpamObjectApi *api;
    PyObject *found, *method = PyObject_GetAttrString((PyObject *)Py_TYPE(object), SPAM_OBJECT_API_METHOD);
    if (method == NULL) {
        if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Format(PyExc_TypeError, "%R has no native interface of '%s'", (PyObject *)Py_TYPE(object),
                         SPAM_API_MODULE);
        }
        return NULL;
    }
    found = PyObject_CallFunction(method, "OII", object, (unsigned int)SPAM_API_MAJOR,
                                  (unsigned int)SPAM_API_NEEDED_MINOR);
    Py_DECREF(method);
    if (found == NULL) {
        return NULL;
    }
    if (!PyCapsule_IsValid(found, SPAM_OBJECT_API_CAPSULE)) {
        PyErr_Format(PyExc_TypeError, "%R has no native interface of '%s'", (PyObject *)Py_TYPE(object),
                     SPAM_API_MODULE);
        Py_DECREF(found);
        return NULL;
    }
    api = (const SpamObjectApi *)PyCapsule_GetPointer(found, SPAM_OBJECT_API_CAPSULE);
    if (api == NULL || SpamApi_CheckHead(&api->head, SPAM_API_NEEDED_MINOR,
                                         SPAM_OBJECT_API_SIZE_OF(SPAM_API_NEEDED_MINOR)) < 0) {
        Py_DECREF(found);
        return NULL;
    }
    if (SpamApi_CheckInterpreter(&api->head) < 0) {
        Py_DECREF(found);
        return NULL;
    }
    if (api->object != object) {
        PyErr_Format(PyExc_TypeError, "%R gave the native interface of another object", (PyObject *)Py_TYPE(object));
        Py_DECREF(found);
        return NULL;
    }
    *capsule = found;
    return api;
}
`
