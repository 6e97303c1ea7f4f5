/** The members of a state, the types that are made, and the module's definition. */
export const stateModule = String.raw`
/* ---- What the state holds: a table of the members that are objects */

typedef struct {
    Py_ssize_t offset;                     /* of the member; -1 ends the table */
    PyType_Spec *spec;                     /* of a type that is made when the module is imported, or */
    PyObject *(*make)(PyObject *module);   /* gives a new reference; with neither, the member begins as NULL */
    Py_ssize_t base;                       /* offset of the member that is the base of the type, or -1 */
    const char *name;                      /* the attribute of the module that it becomes; NULL for none */
} PepState_Member;

#define PepState_TYPE(State, member, spec, name) {offsetof(State, member), &(spec), NULL, -1, name}
#define PepState_SUBTYPE(State, member, base, spec, name) \
    {offsetof(State, member), &(spec), NULL, offsetof(State, base), name}
#define PepState_MADE(State, member, function, name) {offsetof(State, member), NULL, function, -1, name}
#define PepState_OBJECT(State, member) {offsetof(State, member), NULL, NULL, -1, NULL}
#define PepState_END {-1, NULL, NULL, -1, NULL}

static inline PyObject *
PepState_Get(const void *state, Py_ssize_t offset)
{
    PyObject *object;
    memcpy(&object, (const char *)state + offset, sizeof(object));
    return object;
}

/* Takes the reference. */
static inline void
PepState_Set(void *state, Py_ssize_t offset, PyObject *object)
{
    PyObject *old = PepState_Get(state, offset);
    memcpy((char *)state + offset, &object, sizeof(object));
    Py_XDECREF(old);
}

static inline PyObject *
PepState_MakeType(PyObject *module, const void *state, const PepState_Member *member)
{
    PyObject *type, *bases = NULL;
    if (member->base >= 0) {
        PyObject *base = PepState_Get(state, member->base);
        if (base == NULL) {
            PyErr_Format(PyExc_SystemError, "the base of %s is not made before it", member->spec->name);
            return NULL;
        }
        bases = PyTuple_Pack(1, base);
        if (bases == NULL) {
            return NULL;
        }
    }
#if PEP_STATE_WAY == PEP_STATE_BY_INTERPRETER
    (void)module;
    type = PyType_FromSpecWithBases(member->spec, bases);
#else
    type = PyType_FromModuleAndSpec(module, member->spec, bases);
#endif
    Py_XDECREF(bases);
    return type;
}

/* Makes the members in their order, and adds them to the module. What was made before an error goes with the module.
 * @returns 0, or -1 with an exception */
static inline int
PepState_Make(PyObject *module, const PepState_Member *member)
{
    void *state = PepState_OfModule(module);
    if (state == NULL) {
        return -1;
    }
    for (; member->offset >= 0; member++) {
        PyObject *object;
        if (member->spec == NULL && member->make == NULL) {
            continue;
        }
        object = member->spec != NULL ? PepState_MakeType(module, state, member) : member->make(module);
        if (object == NULL) {
            return -1;
        }
        PepState_Set(state, member->offset, object);
        if (member->name != NULL) {
            Py_INCREF(object);
            if (PyModule_AddObject(module, member->name, object) < 0) {
                Py_DECREF(object);
                return -1;
            }
        }
    }
    return 0;
}

/* For m_traverse. */
static inline int
PepState_Traverse(PyObject *module, const PepState_Member *member, visitproc visit, void *arg)
{
#if PEP_STATE_LEVEL >= 0x030F0000
    void *state = PyModule_GetState_DuringGC(module);
#else
    void *state = PyModule_GetState(module);
#endif
    for (; state != NULL && member->offset >= 0; member++) {
        PyObject *object = PepState_Get(state, member->offset);
        Py_VISIT(object);
    }
    return 0;
}

/* For m_clear and m_free. */
static inline void
PepState_Clear(PyObject *module, const PepState_Member *member)
{
    void *state = PyModule_GetState(module);
    for (; state != NULL && member->offset >= 0; member++) {
        PepState_Set(state, member->offset, NULL);
    }
}

/* ---- The module */

#if PEP_STATE_WAY != PEP_STATE_BY_INTERPRETER
/* For a module that defines itself in its own way, instead of PepState_MODULE.
 * @param token &definition; of a module with PyModExport what Py_mod_token says, or its table of slots */
#  define PepState_DEFINED_BY(State, token) \
    PEP_STATE_SCOPE void * \
    State##_Token(void) \
    { \
        return (void *)(token); \
    }
#endif

/* What it supports, for PepState_MODULE. It is told CPython with the level 3.12, of the GIL with 3.13. */
#define PEP_STATE_MAIN_INTERPRETER 0 /* it is for the main interpreter alone */
#define PEP_STATE_SHARED_GIL 1       /* several interpreters, which share the GIL */
#define PEP_STATE_OWN_GIL 2          /* several interpreters, also with a GIL of their own */
#define PEP_STATE_FREE_THREADED 4    /* to be added: it works without the GIL */

/* Defines the module.
 * @param module_name as Python imports it, without the package
 * @param doc, members, functions a text and tables, which may be empty, but not NULL
 * @param exec_function int exec_function(SpamState *state, PyObject *module): called when the members are made, or NULL
 * @param support what stands above */
#define PepState_MODULE(State, module_name, doc, members, functions, exec_function, support) \
    static int \
    State##_traverse(PyObject *module, visitproc visit, void *arg) \
    { \
        return PepState_Traverse(module, members, visit, arg); \
    } \
    static int \
    State##_clear(PyObject *module) \
    { \
        PepState_Clear(module, members); \
        return 0; \
    } \
    static void \
    State##_free(void *module) \
    { \
        PepState_Clear((PyObject *)module, members); \
    } \
    static int \
    State##_exec(PyObject *module) \
    { \
        int (*const more)(State *, PyObject *) = exec_function; \
        if (PepState_Make(module, members) < 0) { \
            return -1; \
        } \
        return more != NULL ? more((State *)PyModule_GetState(module), module) : 0; \
    } \
    PepState_DEFINITION_(State, module_name, doc, functions, support)

#if defined(Py_TARGET_ABI3T) && PY_VERSION_HEX >= 0x030F0000 /* no PyModuleDef: the table of slots is the token */
#  define PepState_DEFINITION_(State, module_name, doc, functions, support) \
    PyABIInfo_VAR(State##_abi); \
    PEP_STATE_SCOPE void * \
    State##_Token(void) \
    { \
        static PySlot slots[] = { \
            PySlot_PTR_STATIC(Py_mod_abi, &State##_abi), \
            PySlot_PTR_STATIC(Py_mod_name, #module_name), \
            PySlot_PTR_STATIC(Py_mod_doc, doc), \
            PySlot_PTR(Py_mod_state_size, sizeof(State)), \
            PySlot_PTR_STATIC(Py_mod_methods, functions), \
            PySlot_PTR(Py_mod_state_traverse, PepState_POINTER(State##_traverse)), \
            PySlot_PTR(Py_mod_state_clear, PepState_POINTER(State##_clear)), \
            PySlot_PTR(Py_mod_state_free, PepState_POINTER(State##_free)), \
            PySlot_PTR(Py_mod_exec, PepState_POINTER(State##_exec)), \
            PySlot_PTR(Py_mod_multiple_interpreters, (uintptr_t)((support) & 3)), \
            PySlot_PTR(Py_mod_gil, (uintptr_t)((support) >> 2)), \
            PySlot_END}; \
        return slots; \
    } \
    PyMODEXPORT_FUNC \
    PyModExport_##module_name(void) \
    { \
        return (PySlot *)State##_Token(); \
    }
#else
#  if PEP_STATE_LEVEL >= 0x030D0000
#    define PepState_SUPPORT_(support) \
    {Py_mod_multiple_interpreters, (void *)(uintptr_t)((support) & 3)}, \
    {Py_mod_gil, (void *)(uintptr_t)((support) >> 2)},
#  elif PEP_STATE_LEVEL >= 0x030C0000
#    define PepState_SUPPORT_(support) {Py_mod_multiple_interpreters, (void *)(uintptr_t)((support) & 3)},
#  else
#    define PepState_SUPPORT_(support)
#  endif
#  if PEP_STATE_WAY == PEP_STATE_BY_INTERPRETER
#    define PepState_SLOTS_(State, support)
#    define PepState_SLOTS_OF_ NULL
#    define PepState_INIT_(State) PepState_InitInOnePhase((PyModuleDef *)State##_Token(), State##_exec)
#  else
#    define PepState_SLOTS_(State, support) \
        static PyModuleDef_Slot slots[] = { \
            {Py_mod_exec, PepState_POINTER(State##_exec)}, \
            PepState_SUPPORT_(support) \
            {0, NULL}};
#    define PepState_SLOTS_OF_ slots
#    define PepState_INIT_(State) PyModuleDef_Init((PyModuleDef *)State##_Token())
#  endif
#  define PepState_DEFINITION_(State, module_name, doc, functions, support) \
    PEP_STATE_SCOPE void * \
    State##_Token(void) \
    { \
        PepState_SLOTS_(State, support) \
        static PyModuleDef definition = { \
            PyModuleDef_HEAD_INIT, #module_name, doc, (Py_ssize_t)sizeof(State), functions, \
            PepState_SLOTS_OF_, State##_traverse, State##_clear, State##_free}; \
        return &definition; \
    } \
    PyMODINIT_FUNC \
    PyInit_##module_name(void) \
    { \
        return PepState_INIT_(State); \
    }
#endif

#if PEP_STATE_WAY == PEP_STATE_BY_INTERPRETER
/* Makes the module. The slots of its types find it from here on, or the one before if this fails. */
static inline PyObject *
PepState_InitInOnePhase(PyModuleDef *definition, int (*exec_function)(PyObject *module))
{
    PyObject *module, *before = PyState_FindModule(definition);
    Py_XINCREF(before);
    module = PyModule_Create(definition);
    if (module != NULL && (PyState_AddModule(module, definition) < 0 || exec_function(module) < 0)) {
        PyObject *error, *value, *traceback;
        PyErr_Fetch(&error, &value, &traceback);
        if (before != NULL) {
            PyState_AddModule(before, definition);
        }
        else if (PyState_FindModule(definition) == module) {
            PyState_RemoveModule(definition);
        }
        PyErr_Restore(error, value, traceback);
        Py_CLEAR(module);
    }
    Py_XDECREF(before);
    return module;
}
#endif
`
