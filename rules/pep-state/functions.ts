/** The macros that make the functions that CPython calls, for each calling convention and each slot. */
export const stateFunctions = String.raw`
/* ---- Functions and methods
 *
 * PepState_FUNCTION for functions of the module, PepState_METHOD for methods of its types, with the name in Python and
 * one of these conventions:
 *
 *   NOARGS             name_impl(State *state, PyObject *self)
 *   O                  name_impl(State *state, PyObject *self, PyObject *arg)
 *   VARARGS            name_impl(State *state, PyObject *self, PyObject *args)
 *   KEYWORDS           name_impl(State *state, PyObject *self, PyObject *args, PyObject *kwargs)
 *   FASTCALL           name_impl(State *state, PyObject *self, PyObject *const *args, Py_ssize_t nargs)
 *   FASTCALL_KEYWORDS  the same and PyObject *kwnames
 *   METHOD             name_impl(State *state, PyObject *self, PyTypeObject *defining_class, PyObject *const *args,
 *                                Py_ssize_t nargs, PyObject *kwnames)    of a method, from the level 3.10 on
 *
 * A class method is a method whose entry has METH_CLASS. A static method is given nothing that leads to its module. */
#define PepState_FUNCTION(State, name, python_name, convention) \
    static const char name##_name[] = python_name; \
    PepState_PLAIN_##convention(State, name, PepState_OfModule(self))

#if PEP_STATE_WAY == PEP_STATE_BY_INTERPRETER
#  define PepState_METHOD(State, name, python_name, convention) \
    static const char name##_name[] = python_name; \
    PepState_PLAIN_##convention(State, name, PepState_OfType(Py_TYPE(self), State##_Token()))
#else
#  define PepState_METHOD(State, name, python_name, convention) \
    static const char name##_name[] = python_name; \
    enum { name##_flags = METH_METHOD | METH_FASTCALL | METH_KEYWORDS }; \
    PepState_CLASS_##convention(State, name)
#endif

/* Entries of the table of methods, for both. */
#define PepState_ENTRY(name, doc) PepState_ENTRY_AS(name, 0, doc)
#define PepState_ENTRY_AS(name, more_flags, doc) \
    {name##_name, (PyCFunction)(void (*)(void))name, name##_flags | (more_flags), doc}

/* ... by the convention itself */
#define PepState_PLAIN_NOARGS(State, name, find) \
    enum { name##_flags = METH_NOARGS }; \
    static PyObject *name##_impl(State *state, PyObject *self); \
    static PyObject * \
    name(PyObject *self, PyObject *unused) \
    { \
        State *state = (State *)(find); \
        (void)unused; \
        return state == NULL ? NULL : name##_impl(state, self); \
    }
#define PepState_PLAIN_O(State, name, find) \
    enum { name##_flags = METH_O }; \
    PepState_WITH_STATE_(State, name, PyObject *, NULL, find, (PyObject *self, PyObject *arg), (self, arg))
#define PepState_PLAIN_VARARGS(State, name, find) \
    enum { name##_flags = METH_VARARGS }; \
    PepState_WITH_STATE_(State, name, PyObject *, NULL, find, (PyObject *self, PyObject *args), (self, args))
#define PepState_PLAIN_KEYWORDS(State, name, find) \
    enum { name##_flags = METH_VARARGS | METH_KEYWORDS }; \
    PepState_WITH_STATE_(State, name, PyObject *, NULL, find, \
        (PyObject *self, PyObject *args, PyObject *kwargs), (self, args, kwargs))

#if PEP_STATE_WAY != PEP_STATE_BY_INTERPRETER

#define PepState_PLAIN_FASTCALL(State, name, find) \
    enum { name##_flags = METH_FASTCALL }; \
    PepState_WITH_STATE_(State, name, PyObject *, NULL, find, \
        (PyObject *self, PyObject *const *args, Py_ssize_t nargs), (self, args, nargs))
#define PepState_PLAIN_FASTCALL_KEYWORDS(State, name, find) \
    enum { name##_flags = METH_FASTCALL | METH_KEYWORDS }; \
    PepState_WITH_STATE_(State, name, PyObject *, NULL, find, \
        (PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames), (self, args, nargs, kwnames))

/* ... of methods, which all get the class that defines them, so what CPython checks for a convention is checked here */
#define PepState_CLASS_NOARGS(State, name) \
    PepState_CHECKED_(State, name, PepState_CheckArgs(self, defining_class, name##_name, nargs, 0, kwnames), \
        (PyObject *self), (self))
#define PepState_CLASS_O(State, name) \
    PepState_CHECKED_(State, name, PepState_CheckArgs(self, defining_class, name##_name, nargs, 1, kwnames), \
        (PyObject *self, PyObject *arg), (self, args[0]))
#define PepState_CLASS_FASTCALL(State, name) \
    PepState_CHECKED_(State, name, PepState_CheckArgs(self, defining_class, name##_name, nargs, nargs, kwnames), \
        (PyObject *self, PyObject *const *args, Py_ssize_t nargs), (self, args, nargs))
#define PepState_CLASS_FASTCALL_KEYWORDS(State, name) \
    PepState_CHECKED_(State, name, 0, \
        (PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames), (self, args, nargs, kwnames))
#define PepState_CLASS_METHOD(State, name) \
    PepState_CHECKED_(State, name, 0, (PyObject *self, PyTypeObject *defining_class, PyObject *const *args, \
        Py_ssize_t nargs, PyObject *kwnames), (self, defining_class, args, nargs, kwnames))
#define PepState_CLASS_VARARGS(State, name) \
    PepState_PACKED_(State, name, NULL, (PyObject *self, PyObject *args), (self, tuple))
#define PepState_CLASS_KEYWORDS(State, name) \
    PepState_PACKED_(State, name, &dict, (PyObject *self, PyObject *args, PyObject *kwargs), (self, tuple, dict))

#define PepState_CHECKED_(State, name, check, parameters, arguments) \
    static PyObject *name##_impl(State *state, PepState_LIST_ parameters); \
    static PyObject * \
    name(PyObject *self, PyTypeObject *defining_class, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) \
    { \
        State *state = (State *)PepState_OfClass(defining_class); \
        (void)args, (void)nargs, (void)kwnames; \
        return state == NULL || (check) < 0 ? NULL : name##_impl(state, PepState_LIST_ arguments); \
    }

#define PepState_PACKED_(State, name, to_dict, parameters, arguments) \
    static PyObject *name##_impl(State *state, PepState_LIST_ parameters); \
    static PyObject * \
    name(PyObject *self, PyTypeObject *defining_class, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) \
    { \
        PyObject *tuple, *result, *dict = NULL; \
        State *state = (State *)PepState_OfClass(defining_class); \
        if (state == NULL \
            || PepState_Pack(self, defining_class, name##_name, args, nargs, kwnames, &tuple, to_dict) < 0) { \
            return NULL; \
        } \
        result = name##_impl(state, PepState_LIST_ arguments); \
        Py_DECREF(tuple); \
        Py_XDECREF(dict); \
        return result; \
    }

/* Raises TypeError, with the name that CPython gives the method: that of the class that defines it, of a class method
 * that of the class that it is called of. */
static inline int
PepState_Refuse(PyObject *self, PyTypeObject *defining_class, const char *name, const char *taken, Py_ssize_t nargs)
{
    int is_class_method = PyType_Check(self) && PyType_IsSubtype((PyTypeObject *)self, defining_class);
    PyObject *type = is_class_method ? self : (PyObject *)defining_class;
    PyObject *qualname = PyObject_GetAttrString(type, "__qualname__");
    if (qualname != NULL && nargs < 0) {
        PyErr_Format(PyExc_TypeError, "%S.%.200s() takes %s", qualname, name, taken);
    }
    else if (qualname != NULL) {
        PyErr_Format(PyExc_TypeError, "%S.%.200s() takes %s (%zd given)", qualname, name, taken, nargs);
    }
    Py_XDECREF(qualname);
    return -1;
}

static inline int
PepState_CheckArgs(PyObject *self, PyTypeObject *defining_class, const char *name, Py_ssize_t nargs, Py_ssize_t wanted,
                   PyObject *kwnames)
{
    if (kwnames != NULL && PyTuple_Size(kwnames) > 0) {
        return PepState_Refuse(self, defining_class, name, "no keyword arguments", -1);
    }
    return nargs == wanted ? 0
        : PepState_Refuse(self, defining_class, name, wanted == 0 ? "no arguments" : "exactly one argument", nargs);
}

/* Makes the tuple of METH_VARARGS, and the dict of METH_KEYWORDS, which stays NULL where there are no keywords. */
static inline int
PepState_Pack(PyObject *self, PyTypeObject *defining_class, const char *name, PyObject *const *args, Py_ssize_t nargs,
              PyObject *kwnames, PyObject **tuple, PyObject **dict)
{
    Py_ssize_t i, count = kwnames != NULL ? PyTuple_Size(kwnames) : 0;
    if (dict == NULL && PepState_CheckArgs(self, defining_class, name, nargs, nargs, kwnames) < 0) {
        return -1;
    }
    if (count > 0 && (*dict = PyDict_New()) == NULL) {
        return -1;
    }
    for (i = 0; i < count; i++) {
        if (PyDict_SetItem(*dict, PyTuple_GetItem(kwnames, i), args[nargs + i]) < 0) {
            Py_CLEAR(*dict);
            return -1;
        }
    }
    *tuple = PyTuple_New(nargs);
    if (*tuple == NULL) {
        if (dict != NULL) {
            Py_CLEAR(*dict);
        }
        return -1;
    }
    for (i = 0; i < nargs; i++) {
        Py_INCREF(args[i]);
        PyTuple_SetItem(*tuple, i, args[i]);
    }
    return 0;
}

#else

/* ... METH_FASTCALL, which the level does not have: from a tuple and a dict */
#define PepState_PLAIN_FASTCALL(State, name, find) \
    enum { name##_flags = METH_VARARGS }; \
    PepState_UNPACKED_(State, name, find, (PyObject *self, PyObject *args), NULL, \
        (PyObject *self, PyObject *const *args, Py_ssize_t nargs), (self, from.items, from.nargs))
#define PepState_PLAIN_FASTCALL_KEYWORDS(State, name, find) \
    enum { name##_flags = METH_VARARGS | METH_KEYWORDS }; \
    PepState_UNPACKED_(State, name, find, (PyObject *self, PyObject *args, PyObject *kwargs), kwargs, \
        (PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames), \
        (self, from.items, from.nargs, from.names))

#define PepState_UNPACKED_(State, name, find, given, keywords, parameters, arguments) \
    static PyObject *name##_impl(State *state, PepState_LIST_ parameters); \
    static PyObject * \
    name given \
    { \
        PepState_Unpacked from; \
        PyObject *result; \
        State *state = (State *)(find); \
        if (state == NULL || PepState_Unpack(&from, args, keywords) < 0) { \
            return NULL; \
        } \
        result = name##_impl(state, PepState_LIST_ arguments); \
        PepState_FreeUnpacked(&from); \
        return result; \
    }

typedef struct {
    PyObject **items; /* borrowed of the tuple and of values */
    Py_ssize_t nargs;
    PyObject *names;  /* NULL without keywords */
    PyObject *values;
} PepState_Unpacked;

static inline void
PepState_FreeUnpacked(PepState_Unpacked *from)
{
    PyMem_Free(from->items);
    Py_XDECREF(from->names);
    Py_XDECREF(from->values);
}

static inline int
PepState_Unpack(PepState_Unpacked *to, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t i, count = kwargs != NULL ? PyDict_Size(kwargs) : 0;
    memset(to, 0, sizeof(*to));
    to->nargs = PyTuple_Size(args);
    to->items = (PyObject **)PyMem_Malloc((size_t)(to->nargs + count + 1) * sizeof(PyObject *));
    if (to->items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (i = 0; i < to->nargs; i++) {
        to->items[i] = PyTuple_GetItem(args, i);
    }
    if (count > 0) {
        to->names = PySequence_Tuple(kwargs);
        to->values = PyDict_Values(kwargs);
        if (to->names == NULL || to->values == NULL) {
            PepState_FreeUnpacked(to);
            return -1;
        }
        for (i = 0; i < count; i++) {
            to->items[to->nargs + i] = PyList_GetItem(to->values, i);
        }
    }
    return 0;
}

#endif

/* ---- Slots, getters and setters
 *
 * PepState_SLOT(State, name, nb_add) is for any slot that holds a function: name_impl() has the parameters of the slot
 * behind the state. PepState_GETTER and PepState_SETTER are for PyGetSetDef, PepState_VECTORCALL for functions that
 * objects hold at __vectorcalloffset__.
 *
 * The state may be NULL in slots that are called while an object goes away (tp_dealloc, tp_finalize, tp_del, tp_free,
 * tp_clear, bf_releasebuffer): if the module went first, or if the type is only a second base of the object's class. It
 * is not to be used after Py_DECREF() of the type. Slots that the garbage collector calls (tp_traverse, tp_is_gc) get
 * NULL below level 3.15, as nothing may be asked there. */
#define PepState_SLOT(State, name, slot) \
    enum { name##_slot = Py_##slot }; \
    PepState_SLOT_##slot(State, name)

#define PepState_SLOT_ENTRY(name) {name##_slot, PepState_POINTER(name)}

#define PepState_GETTER(State, name) \
    PepState_OBJECT_(State, name, PyObject *, NULL, (PyObject *self, void *closure), (self, closure))
#define PepState_SETTER(State, name) \
    PepState_OBJECT_(State, name, int, -1, (PyObject *self, PyObject *value, void *closure), (self, value, closure))
#define PepState_VECTORCALL(State, name) \
    PepState_OBJECT_(State, name, PyObject *, NULL, \
        (PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames), (self, args, nargsf, kwnames))

/* A function for CPython, which finds the state and calls the one that is written with it. */
#define PepState_WITH_STATE_(State, name, result_type, failed, find, parameters, arguments) \
    static result_type name##_impl(State *state, PepState_LIST_ parameters); \
    static result_type \
    name parameters \
    { \
        State *state = (State *)(find); \
        return state == NULL ? failed : name##_impl(state, PepState_LIST_ arguments); \
    }
#define PepState_LIST_(...) __VA_ARGS__

/* ... by the object, which is the first parameter */
#define PepState_OBJECT_(State, name, result_type, failed, parameters, arguments) \
    PepState_WITH_STATE_(State, name, result_type, failed, \
        PepState_OfType(Py_TYPE(self), State##_Token()), parameters, arguments)

/* ... and by the slot */
#define PepState_SELF_(State, name, result_type, failed, parameters, arguments) \
    PepState_WITH_STATE_(State, name, result_type, failed, \
        PepState_OfSlot(Py_TYPE(self), name##_slot, PepState_POINTER(name), State##_Token()), parameters, arguments)

/* ... by the type, which is the first parameter */
#define PepState_OF_TYPE_(State, name, parameters, arguments) \
    PepState_WITH_STATE_(State, name, PyObject *, NULL, \
        PepState_OfType((PyTypeObject *)type, State##_Token()), parameters, arguments)

/* ... by operands */
#define PepState_OPERANDS_(State, name, third, parameters, arguments) \
    PepState_WITH_STATE_(State, name, PyObject *, PepState_NotImplemented(), \
        PepState_OfOperands(left, right, third, name##_slot, PepState_POINTER(name), State##_Token()), \
        parameters, arguments)

/* ... by an object that goes away, or that the garbage collector looks at: the state may be NULL */
#define PepState_LAST_(State, name, result_type, find, parameters, arguments) \
    static result_type name##_impl(State *state, PepState_LIST_ parameters); \
    static result_type \
    name parameters \
    { \
        State *state = (State *)find(Py_TYPE((PyObject *)self), name##_slot, PepState_POINTER(name), State##_Token()); \
        PepState_RETURN_##result_type name##_impl(state, PepState_LIST_ arguments); \
    }
#define PepState_RETURN_int return
#define PepState_RETURN_void

/* The signatures of slots, by the names that CPython has for them */
#define PepState_unaryfunc(State, name) PepState_SELF_(State, name, PyObject *, NULL, (PyObject *self), (self))
#define PepState_binaryfunc(State, name) \
    PepState_SELF_(State, name, PyObject *, NULL, (PyObject *self, PyObject *other), (self, other))
#define PepState_ternaryfunc(State, name) \
    PepState_SELF_(State, name, PyObject *, NULL, \
        (PyObject *self, PyObject *args, PyObject *kwargs), (self, args, kwargs))
#define PepState_inquiry(State, name) PepState_SELF_(State, name, int, -1, (PyObject *self), (self))
#define PepState_lenfunc(State, name) PepState_SELF_(State, name, Py_ssize_t, -1, (PyObject *self), (self))
#define PepState_ssizeargfunc(State, name) \
    PepState_SELF_(State, name, PyObject *, NULL, (PyObject *self, Py_ssize_t i), (self, i))
#define PepState_ssizeobjargproc(State, name) \
    PepState_SELF_(State, name, int, -1, (PyObject *self, Py_ssize_t i, PyObject *value), (self, i, value))
#define PepState_objobjproc(State, name) \
    PepState_SELF_(State, name, int, -1, (PyObject *self, PyObject *other), (self, other))
#define PepState_objobjargproc(State, name) \
    PepState_SELF_(State, name, int, -1, (PyObject *self, PyObject *key, PyObject *value), (self, key, value))
#define PepState_getattrfunc(State, name) \
    PepState_SELF_(State, name, PyObject *, NULL, (PyObject *self, char *attribute), (self, attribute))
#define PepState_setattrfunc(State, name) \
    PepState_SELF_(State, name, int, -1, (PyObject *self, char *attribute, PyObject *value), (self, attribute, value))
#define PepState_hashfunc(State, name) PepState_SELF_(State, name, Py_hash_t, -1, (PyObject *self), (self))
#define PepState_richcmpfunc(State, name) \
    PepState_SELF_(State, name, PyObject *, NULL, (PyObject *self, PyObject *other, int op), (self, other, op))
#if PEP_STATE_LEVEL >= 0x030A0000
#  define PepState_sendfunc(State, name) \
    PepState_SELF_(State, name, PySendResult, (*result = NULL, (PySendResult)-1), \
        (PyObject *self, PyObject *value, PyObject **result), (self, value, result))
#endif
#if PEP_STATE_LEVEL >= 0x030B0000 || !defined(Py_LIMITED_API)
#  define PepState_getbufferproc(State, name) \
    PepState_SELF_(State, name, int, (view->obj = NULL, -1), \
        (PyObject *self, Py_buffer *view, int flags), (self, view, flags))
#  define PepState_releasebufferproc(State, name) \
    PepState_LAST_(State, name, void, PepState_OfLast, (PyObject *self, Py_buffer *view), (self, view))
#endif
#define PepState_operands(State, name) \
    PepState_OPERANDS_(State, name, NULL, (PyObject *left, PyObject *right), (left, right))
#define PepState_operands_of_power(State, name) \
    PepState_OPERANDS_(State, name, modulus, \
        (PyObject *left, PyObject *right, PyObject *modulus), (left, right, modulus))
#define PepState_newfunc(State, name) \
    PepState_OF_TYPE_(State, name, (PyTypeObject *type, PyObject *args, PyObject *kwargs), (type, args, kwargs))
#define PepState_allocfunc(State, name) \
    PepState_OF_TYPE_(State, name, (PyTypeObject *type, Py_ssize_t nitems), (type, nitems))
#define PepState_vectorcall_of_type(State, name) \
    PepState_OF_TYPE_(State, name, \
        (PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames), (type, args, nargsf, kwnames))
#define PepState_destructor(State, name) PepState_LAST_(State, name, void, PepState_OfLast, (PyObject *self), (self))
#define PepState_freefunc(State, name) PepState_LAST_(State, name, void, PepState_OfLast, (void *self), (self))
#define PepState_clearfunc(State, name) PepState_LAST_(State, name, int, PepState_OfLast, (PyObject *self), (self))
#define PepState_traverseproc(State, name) \
    PepState_LAST_(State, name, int, PepState_DuringGC, \
        (PyObject *self, visitproc visit, void *arg), (self, visit, arg))
#define PepState_isgcfunc(State, name) PepState_LAST_(State, name, int, PepState_DuringGC, (PyObject *self), (self))

/* The signature of each slot */
#define PepState_SLOT_nb_negative PepState_unaryfunc
#define PepState_SLOT_nb_positive PepState_unaryfunc
#define PepState_SLOT_nb_absolute PepState_unaryfunc
#define PepState_SLOT_nb_invert PepState_unaryfunc
#define PepState_SLOT_nb_int PepState_unaryfunc
#define PepState_SLOT_nb_float PepState_unaryfunc
#define PepState_SLOT_nb_index PepState_unaryfunc
#define PepState_SLOT_tp_repr PepState_unaryfunc
#define PepState_SLOT_tp_str PepState_unaryfunc
#define PepState_SLOT_tp_iter PepState_unaryfunc
#define PepState_SLOT_tp_iternext PepState_unaryfunc
#define PepState_SLOT_am_await PepState_unaryfunc
#define PepState_SLOT_am_aiter PepState_unaryfunc
#define PepState_SLOT_am_anext PepState_unaryfunc
#define PepState_SLOT_nb_bool PepState_inquiry
#define PepState_SLOT_sq_length PepState_lenfunc
#define PepState_SLOT_mp_length PepState_lenfunc
#define PepState_SLOT_sq_concat PepState_binaryfunc
#define PepState_SLOT_sq_inplace_concat PepState_binaryfunc
#define PepState_SLOT_mp_subscript PepState_binaryfunc
#define PepState_SLOT_tp_getattro PepState_binaryfunc
#define PepState_SLOT_nb_inplace_add PepState_binaryfunc
#define PepState_SLOT_nb_inplace_subtract PepState_binaryfunc
#define PepState_SLOT_nb_inplace_multiply PepState_binaryfunc
#define PepState_SLOT_nb_inplace_matrix_multiply PepState_binaryfunc
#define PepState_SLOT_nb_inplace_true_divide PepState_binaryfunc
#define PepState_SLOT_nb_inplace_floor_divide PepState_binaryfunc
#define PepState_SLOT_nb_inplace_remainder PepState_binaryfunc
#define PepState_SLOT_nb_inplace_lshift PepState_binaryfunc
#define PepState_SLOT_nb_inplace_rshift PepState_binaryfunc
#define PepState_SLOT_nb_inplace_and PepState_binaryfunc
#define PepState_SLOT_nb_inplace_or PepState_binaryfunc
#define PepState_SLOT_nb_inplace_xor PepState_binaryfunc
#define PepState_SLOT_tp_call PepState_ternaryfunc
#define PepState_SLOT_tp_descr_get PepState_ternaryfunc
#define PepState_SLOT_nb_inplace_power PepState_ternaryfunc
#define PepState_SLOT_sq_item PepState_ssizeargfunc
#define PepState_SLOT_sq_repeat PepState_ssizeargfunc
#define PepState_SLOT_sq_inplace_repeat PepState_ssizeargfunc
#define PepState_SLOT_sq_ass_item PepState_ssizeobjargproc
#define PepState_SLOT_sq_contains PepState_objobjproc
#define PepState_SLOT_mp_ass_subscript PepState_objobjargproc
#define PepState_SLOT_tp_setattro PepState_objobjargproc
#define PepState_SLOT_tp_descr_set PepState_objobjargproc
#define PepState_SLOT_tp_init PepState_objobjargproc
#define PepState_SLOT_tp_getattr PepState_getattrfunc
#define PepState_SLOT_tp_setattr PepState_setattrfunc
#define PepState_SLOT_tp_hash PepState_hashfunc
#define PepState_SLOT_tp_richcompare PepState_richcmpfunc
#define PepState_SLOT_am_send PepState_sendfunc
#define PepState_SLOT_bf_getbuffer PepState_getbufferproc
#define PepState_SLOT_nb_add PepState_operands
#define PepState_SLOT_nb_subtract PepState_operands
#define PepState_SLOT_nb_multiply PepState_operands
#define PepState_SLOT_nb_matrix_multiply PepState_operands
#define PepState_SLOT_nb_true_divide PepState_operands
#define PepState_SLOT_nb_floor_divide PepState_operands
#define PepState_SLOT_nb_remainder PepState_operands
#define PepState_SLOT_nb_divmod PepState_operands
#define PepState_SLOT_nb_lshift PepState_operands
#define PepState_SLOT_nb_rshift PepState_operands
#define PepState_SLOT_nb_and PepState_operands
#define PepState_SLOT_nb_or PepState_operands
#define PepState_SLOT_nb_xor PepState_operands
#define PepState_SLOT_nb_power PepState_operands_of_power
#define PepState_SLOT_tp_new PepState_newfunc
#define PepState_SLOT_tp_alloc PepState_allocfunc
#define PepState_SLOT_tp_vectorcall PepState_vectorcall_of_type
#define PepState_SLOT_tp_dealloc PepState_destructor
#define PepState_SLOT_tp_finalize PepState_destructor
#define PepState_SLOT_tp_del PepState_destructor
#define PepState_SLOT_tp_free PepState_freefunc
#define PepState_SLOT_tp_clear PepState_clearfunc
#define PepState_SLOT_bf_releasebuffer PepState_releasebufferproc
#define PepState_SLOT_tp_traverse PepState_traverseproc
#define PepState_SLOT_tp_is_gc PepState_isgcfunc

#endif
`
