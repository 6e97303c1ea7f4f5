/** What pep_state.h is for, and how it finds the state of a module. */
export const stateLookup = String.raw`
/* pep_state.h: functions of an extension module that get its state, and types that the module makes.
 *
 * CPython hands the module to the functions of a module, and to nobody else. With this header, a function of any kind
 * is written with the state as its first parameter and _impl behind its name, and a macro before it makes the function
 * that CPython calls, which finds the state. Types stand in a table, and are made when the module is imported.
 *
 *     typedef struct { PyTypeObject *Counter; PyObject *Error; long made; } SpamState;
 *     PepState_DECLARE(SpamState);
 *
 *     PepState_METHOD(SpamState, counter_next, "next", NOARGS)
 *     static PyObject *counter_next_impl(SpamState *state, PyObject *self) { ... }
 *
 *     PepState_SLOT(SpamState, counter_add, nb_add)
 *     static PyObject *counter_add_impl(SpamState *state, PyObject *left, PyObject *right) { ... }
 *
 *     static PyMethodDef counter_methods[] = {PepState_ENTRY(counter_next, "doc"), {NULL, NULL, 0, NULL}};
 *     static PyType_Slot counter_slots[] = {
 *         {Py_tp_methods, counter_methods}, PepState_SLOT_ENTRY(counter_add), {0, NULL}};
 *     static PyType_Spec counter_spec = {"spam.Counter", sizeof(Counter), 0, Py_TPFLAGS_DEFAULT, counter_slots};
 *
 *     static const PepState_Member spam_members[] = {
 *         PepState_TYPE(SpamState, Counter, counter_spec, "Counter"),
 *         PepState_MADE(SpamState, Error, make_error, "Error"),
 *         PepState_END};
 *
 *     PepState_MODULE(SpamState, spam, "doc", spam_members, spam_functions, NULL, PEP_STATE_OWN_GIL)
 *
 * C99 and C++11, CPython 3.5 and later, with Py_LIMITED_API of any level, for abi3t, and without. In a module of
 * several files, each defines PEP_STATE_SEVERAL_FILES before it includes this, and PepState_DECLARE is in a header.
 */
#ifndef PEP_STATE_H
#define PEP_STATE_H

#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- How the state is found
 *
 *                    methods               slots, getters, setters   a module that is imported twice
 *   BY_DEFINITION    defining class        PyType_GetModuleByDef()   methods: right; slots: the first in the MRO
 *   BY_BASES         defining class        a walk over __mro__       the same
 *   BY_INTERPRETER   PyState_FindModule()  PyState_FindModule()      all: the one that was imported last
 *
 * Functions of the module always get the module itself. BY_INTERPRETER is for levels below 3.10, in which types do not
 * know their module: it is made in one phase, so CPython refuses it in interpreters with a GIL of their own, and
 * switches the GIL on for it. PEP_STATE_WAY says which of them it is. */
#define PEP_STATE_BY_DEFINITION 1
#define PEP_STATE_BY_BASES 2
#define PEP_STATE_BY_INTERPRETER 3

#ifdef Py_LIMITED_API
#  define PEP_STATE_LEVEL (Py_LIMITED_API + 0)
#  if PEP_STATE_LEVEL >= 0x030D0000
#    define PEP_STATE_WAY PEP_STATE_BY_DEFINITION
#  elif PEP_STATE_LEVEL >= 0x030A0000
#    define PEP_STATE_WAY PEP_STATE_BY_BASES
#  else
#    define PEP_STATE_WAY PEP_STATE_BY_INTERPRETER
#  endif
#else
#  define PEP_STATE_LEVEL PY_VERSION_HEX
#  if PEP_STATE_LEVEL >= 0x030B0000
#    define PEP_STATE_WAY PEP_STATE_BY_DEFINITION
#  elif PEP_STATE_LEVEL >= 0x03090000
#    define PEP_STATE_WAY PEP_STATE_BY_BASES
#  else
#    define PEP_STATE_WAY PEP_STATE_BY_INTERPRETER
#  endif
#endif

#ifdef __GNUC__
#  define PEP_STATE_MAYBE_UNUSED __attribute__((unused))
#else
#  define PEP_STATE_MAYBE_UNUSED
#endif

#ifndef PEP_STATE_SEVERAL_FILES
#  define PEP_STATE_SCOPE PEP_STATE_MAYBE_UNUSED static
#elif defined(__cplusplus)
#  define PEP_STATE_SCOPE extern "C" PEP_STATE_HIDDEN
#else
#  define PEP_STATE_SCOPE extern PEP_STATE_HIDDEN
#endif
#if defined(__GNUC__) && !defined(_WIN32)
#  define PEP_STATE_HIDDEN __attribute__((visibility("hidden")))
#else
#  define PEP_STATE_HIDDEN
#endif

/* Announces the module: State##_Token() is what tells it from others. PepState_MODULE defines it. */
#ifdef __cplusplus
#  define PepState_DECLARE(State) extern "C" { PEP_STATE_SCOPE void *State##_Token(void); }
#else
#  define PepState_DECLARE(State) PEP_STATE_SCOPE void *State##_Token(void)
#endif

/* Functions in tables that hold void *. */
#ifdef __GNUC__
#  define PepState_POINTER(function) (__extension__ (void *)(function))
#else
#  define PepState_POINTER(function) ((void *)(function))
#endif

/* The state of a module: NULL with an exception. */
static inline void *
PepState_OfModule(PyObject *module)
{
    void *state = PyModule_GetState(module);
    if (state == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_SystemError, "the module has no state");
    }
    return state;
}

#if PEP_STATE_WAY != PEP_STATE_BY_INTERPRETER
/* The state of the module that made a type, which is no subclass: NULL with an exception. */
static inline void *
PepState_OfClass(PyTypeObject *defining_class)
{
    void *state = PyType_GetModuleState(defining_class);
    if (state == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_SystemError, "the module has no state");
    }
    return state;
}
#endif

#if PEP_STATE_WAY != PEP_STATE_BY_INTERPRETER
/* The type that brought a function into a slot: the last one that has it, by tp_base; NULL if none there has. It asks
 * for nothing that fails, or that is lost while objects go away. */
static inline PyTypeObject *
PepState_Definer(PyTypeObject *type, int slot, void *function)
{
    PyTypeObject *found = NULL;
    while (type != NULL && (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE)) {
        if (PyType_GetSlot(type, slot) == function) {
            found = type;
        }
        else if (found != NULL) {
            break;
        }
        type = (PyTypeObject *)PyType_GetSlot(type, Py_tp_base);
    }
    return found;
}
#endif

#if PEP_STATE_WAY == PEP_STATE_BY_BASES
/* The module that made a type, if it is the one that is meant: borrowed, NULL without an exception. */
static inline PyObject *
PepState_OwnModule(PyTypeObject *type, void *token)
{
    PyObject *module = NULL;
    if (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) {
        module = PyType_GetModule(type);
        if (module == NULL || (void *)PyModule_GetDef(module) != token) {
            module = NULL;
            PyErr_Clear();
        }
    }
    return module;
}

/* What PyType_GetModuleByDef() does: borrowed, NULL with an exception. */
static inline PyObject *
PepState_ModuleByDef(PyTypeObject *type, void *token)
{
    PyObject *mro, *module = PepState_OwnModule(type, token);
    Py_ssize_t i, count;
    if (module != NULL) {
        return module;
    }
    mro = PyObject_GetAttrString((PyObject *)type, "__mro__");
    count = mro != NULL ? PyTuple_Size(mro) : -1;
    for (i = 1; module == NULL && i < count; i++) {
        module = PepState_OwnModule((PyTypeObject *)PyTuple_GetItem(mro, i), token);
    }
    Py_XDECREF(mro);
    if (module == NULL && count >= 0) {
        PyErr_SetString(PyExc_TypeError, "no base of the type was made by the module");
    }
    return module;
}
#endif

/* The state of the module that made a type or one of its bases: NULL with an exception. */
static inline void *
PepState_OfType(PyTypeObject *type, void *token)
{
#if PEP_STATE_WAY == PEP_STATE_BY_DEFINITION
    PyObject *module = PyType_GetModuleByDef(type, (PyModuleDef *)token);
#elif PEP_STATE_WAY == PEP_STATE_BY_BASES
    PyObject *module = PepState_ModuleByDef(type, token);
#else
    PyObject *module = PyState_FindModule((PyModuleDef *)token);
    (void)type;
    if (module == NULL) {
        PyErr_SetString(PyExc_SystemError, "the module is not imported in this interpreter");
    }
#endif
    return module != NULL ? PepState_OfModule(module) : NULL;
}

/* The same for a function in a slot. Where each base is asked for its module, an exception is made and cleared for one
 * that has none, as a class of Python: so the type that brought the function is asked first. */
static inline void *
PepState_OfSlot(PyTypeObject *type, int slot, void *function, void *token)
{
#if PEP_STATE_WAY == PEP_STATE_BY_BASES
    PyTypeObject *definer = PepState_Definer(type, slot, function);
    return PepState_OfType(definer != NULL ? definer : type, token);
#else
    (void)slot, (void)function;
    return PepState_OfType(type, token);
#endif
}

/* The state by the operands of a number's slot, any of which may be of another type; the third may be NULL. First come
 * those with this very function in the slot, as others may cost an exception. NULL with an exception, or without one if
 * none of them is of the module. */
static inline void *
PepState_OfOperands(PyObject *left, PyObject *right, PyObject *third, int slot, void *function, void *token)
{
#if PEP_STATE_WAY == PEP_STATE_BY_INTERPRETER
    (void)right, (void)third, (void)slot, (void)function;
    return PepState_OfType(Py_TYPE(left), token);
#else
    PyObject *operands[3];
    int i;
    operands[0] = left;
    operands[1] = right;
    operands[2] = third;
    for (i = 0; i < 6; i++) {
        PyTypeObject *type = operands[i % 3] != NULL ? Py_TYPE(operands[i % 3]) : NULL;
        if (type != NULL && (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE)
            && (PyType_GetSlot(type, slot) == function) == (i < 3)) {
            void *state = PepState_OfSlot(type, slot, function, token);
            if (state != NULL || !PyErr_ExceptionMatches(PyExc_TypeError)) {
                return state;
            }
            PyErr_Clear();
        }
    }
    return NULL;
#endif
}

/* The result of a number's slot without a state. */
static inline PyObject *
PepState_NotImplemented(void)
{
    PyObject *result = PyErr_Occurred() ? NULL : Py_NotImplemented;
    Py_XINCREF(result);
    return result;
}

/* The state for a slot that is called while objects go away, when types may have lost their module and their MRO. NULL
 * without an exception; one that is set stays. */
static inline void *
PepState_OfLast(PyTypeObject *type, int slot, void *function, void *token)
{
#if PEP_STATE_WAY == PEP_STATE_BY_INTERPRETER
    PyObject *module = PyState_FindModule((PyModuleDef *)token);
    (void)type, (void)slot, (void)function;
    return module != NULL ? PyModule_GetState(module) : NULL;
#else
    PyTypeObject *definer = PepState_Definer(type, slot, function);
    PyObject *module;
    void *state = NULL;
    if (definer != NULL) {
#if PEP_STATE_LEVEL >= 0x030F0000
        void *found = NULL;
        module = PyType_GetModule_DuringGC(definer);
        if (module != NULL && PyModule_GetToken_DuringGC(module, &found) == 0 && found == token) {
            state = PyModule_GetState_DuringGC(module);
        }
#else
        PyObject *error, *value, *traceback;
        PyErr_Fetch(&error, &value, &traceback);
        module = PyType_GetModule(definer);
        if (module != NULL && (void *)PyModule_GetDef(module) == token) {
            state = PyModule_GetState(module);
        }
        PyErr_Restore(error, value, traceback);
#endif
    }
    return state;
#endif
}

/* The same while the garbage collector looks at objects. Until 3.15 nothing may be asked then. */
static inline void *
PepState_DuringGC(PyTypeObject *type, int slot, void *function, void *token)
{
#if PEP_STATE_LEVEL >= 0x030F0000
    return PepState_OfLast(type, slot, function, token);
#else
    (void)type, (void)slot, (void)function, (void)token;
    return NULL;
#endif
}
`
