/** The header that the module includes that offers the interface. Nobody else needs it. */
export const exportHeader = String.raw`
/* How @MODULE@ offers its native interface, which spam_api.h declares.
 *
 * The module keeps the table in its state, and fills it in the function of Py_mod_exec:
 *
 *     #include "spam_export.h"
 *
 *     typedef struct { SpamApiExport native; PyObject *error; } State;
 *
 *     SpamApi api;
 *     SpamApi_Init(&api, SPAM_API_NEEDS_GIL | SPAM_API_SUBINTERPRETERS);
 *     api.twice = twice;
 *     api.error = state->error;
 *     SpamApi_Export(module, &state->native, &api)        0, or -1 with an exception
 *
 *     SpamApi_TraverseExport(&state->native, visit, arg)  in m_traverse
 *     SpamApi_ClearExport(&state->native)                 in m_clear, and in m_free
 *
 * Objects in the table stay those of the state, which visits and clears them. A capsule that the module has for older
 * users, such as _C_API, stays beside it as it is.
 */
#ifndef SPAM_EXPORT_H
#define SPAM_EXPORT_H

#include <string.h>
#include "spam_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the module keeps in its state: all zero at first. */
typedef struct SpamApiExport {
    SpamApi *api;
    PyObject *capsule; /* whose memory it is */
} SpamApiExport;

/* Begins a table: all its entries are NULL. */
static inline void
SpamApi_Init(SpamApi *table, uint32_t flags)
{
    memset(table, 0, sizeof(*table));
    table->head.flags = flags;
}

/* The destructor of the capsule. */
static inline void
SpamApi_DestroyCapsule(PyObject *capsule)
{
    SpamApi *api = (SpamApi *)PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule));
    if (api != NULL) {
        if (api->head.destroy != NULL) {
            api->head.destroy(api);
        }
        PyMem_Free(api);
    }
}

/* For m_traverse. */
static inline int
SpamApi_TraverseExport(const SpamApiExport *exported, visitproc visit, void *arg)
{
    Py_VISIT(exported->capsule);
    return 0;
}

/* For m_clear and m_free. From here on nobody gets the table. */
static inline void
SpamApi_ClearExport(SpamApiExport *exported)
{
    if (exported->api != NULL) {
        exported->api->head.module = NULL;
        exported->api = NULL;
    }
    Py_CLEAR(exported->capsule);
}

/* Offers a copy of a table, as an attribute of the module and in its state.
 * @param table its entries, flags and destroy; the rest of the head is written here
 * @returns 0, or -1 with an exception; then destroy is not called */
static inline int
SpamApi_Export(PyObject *module, SpamApiExport *exported, const SpamApi *table)
{
    PyObject *capsule;
    SpamApi *api = (SpamApi *)PyMem_Malloc(sizeof(SpamApi));
    if (api == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *api = *table;
    api->head.size = SPAM_API_SIZE_OF(SPAM_API_MINOR);
    api->head.major = SPAM_API_MAJOR;
    api->head.minor = SPAM_API_MINOR;
    api->head.module = module;
    api->head.destroy = NULL;
    capsule = PyCapsule_New(api, SPAM_API_CAPSULE, SpamApi_DestroyCapsule);
    if (capsule == NULL) {
        PyMem_Free(api);
        return -1;
    }
    if (PyObject_SetAttrString(module, SPAM_API_ATTRIBUTE, capsule) < 0) {
        Py_DECREF(capsule);
        return -1;
    }
    api->head.destroy = table->head.destroy;
    SpamApi_ClearExport(exported);
    exported->api = api;
    exported->capsule = capsule;
    return 0;
}

/* The table in the state of a module, for the code of the module itself.
 * @param token of the module: its PyModuleDef; of one with PyModExport its slots, or what Py_mod_token says
 * @param offset where the SpamApiExport is in the state: offsetof(State, native)
 * @returns NULL with an exception: TypeError for another module */
static inline const SpamApi *
SpamApi_InModule(PyObject *module, const void *token, size_t offset)
{
    const SpamApiExport *exported;
    char *state;
#if SPAM_API_LEVEL >= 0x030F0000
    void *found = NULL;
    if (!PyModule_Check(module)) {
        PyErr_SetString(PyExc_TypeError, "this is no module of '" SPAM_API_MODULE "'");
        return NULL;
    }
    if (PyModule_GetToken(module, &found) < 0) {
        return NULL;
    }
#else
    const void *found = PyModule_Check(module) ? PyModule_GetDef(module) : NULL;
#endif
    if (found == NULL || found != token) {
        PyErr_SetString(PyExc_TypeError, "this is no module of '" SPAM_API_MODULE "'");
        return NULL;
    }
    state = (char *)PyModule_GetState(module);
    exported = state != NULL ? (const SpamApiExport *)(state + offset) : NULL;
    if (exported == NULL || exported->api == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "'" SPAM_API_MODULE "' has no native interface yet, or any more");
        }
        return NULL;
    }
    return exported->api;
}

/* The same from the class that defines a method (METH_METHOD), whatever class the object has. */
#if SPAM_API_LEVEL >= 0x030A0000
static inline const SpamApi *
SpamApi_InDefiningClass(PyTypeObject *defining_class, const void *token, size_t offset)
{
    PyObject *module = PyType_GetModule(defining_class);
    return module != NULL ? SpamApi_InModule(module, token, offset) : NULL;
}
#endif

/* The same from a type or one that inherits from it, for slots. */
#if SPAM_API_LEVEL >= 0x030D0000 || (!defined(Py_LIMITED_API) && PY_VERSION_HEX >= 0x030B0000)
static inline const SpamApi *
SpamApi_InType(PyTypeObject *type, const void *token, size_t offset)
{
#if SPAM_API_LEVEL >= 0x030F0000
    const SpamApi *api;
    PyObject *module = PyType_GetModuleByToken(type, token);
    if (module == NULL) {
        return NULL;
    }
    api = SpamApi_InModule(module, token, offset);
    Py_DECREF(module);
    return api;
#else
    PyObject *module = PyType_GetModuleByDef(type, (PyModuleDef *)token);
    return module != NULL ? SpamApi_InModule(module, token, offset) : NULL;
#endif
}
#endif
@OBJECTS@

#ifdef __cplusplus
}
#endif

#endif
`

/** The same for the tables of single objects. */
export const exportObjects = String.raw`
/* The same as SpamApi_Init. */
static inline void
SpamObjectApi_Init(SpamObjectApi *table, uint32_t flags)
{
    memset(table, 0, sizeof(*table));
    table->head.flags = flags;
}

/* The destructor of capsules of single objects. */
static inline void
SpamObjectApi_DestroyCapsule(PyObject *capsule)
{
    SpamObjectApi *api = (SpamObjectApi *)PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule));
    if (api != NULL) {
        PyObject *object = api->object, *module = api->head.module;
        if (api->head.destroy != NULL) {
            api->head.destroy(api);
        }
        PyMem_Free(api);
        Py_DECREF(object);
        Py_DECREF(module);
    }
}

/* A capsule with a copy of the table of an object, for the type's method SPAM_OBJECT_API_METHOD, which takes two ints:
 * the major and the minor version that are asked for.
 * @param table its entries, flags and destroy
 * @returns a new reference; NULL with an exception; then destroy is not called */
static inline PyObject *
SpamObjectApi_New(PyObject *module, PyObject *object, const SpamObjectApi *table)
{
    PyObject *capsule;
    SpamObjectApi *api = (SpamObjectApi *)PyMem_Malloc(sizeof(SpamObjectApi));
    if (api == NULL) {
        return PyErr_NoMemory();
    }
    *api = *table;
    api->head.size = SPAM_OBJECT_API_SIZE_OF(SPAM_API_MINOR);
    api->head.major = SPAM_API_MAJOR;
    api->head.minor = SPAM_API_MINOR;
    api->head.module = module;
    api->object = object;
    capsule = PyCapsule_New(api, SPAM_OBJECT_API_CAPSULE, SpamObjectApi_DestroyCapsule);
    if (capsule == NULL) {
        PyMem_Free(api);
        return NULL;
    }
    Py_INCREF(module);
    Py_INCREF(object);
    return capsule;
}
`
