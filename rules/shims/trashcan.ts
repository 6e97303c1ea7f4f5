import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const own = `
#if defined(__cplusplus) && __cplusplus >= 201103L
#define PEP_THREAD_LOCAL thread_local
#elif defined(_MSC_VER)
#define PEP_THREAD_LOCAL __declspec(thread)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L && !defined(__STDC_NO_THREADS__)
#define PEP_THREAD_LOCAL _Thread_local
#else
#define PEP_THREAD_LOCAL __thread
#endif

/* The deallocations that a thread is in, and the objects whose deallocation is put off. */
typedef struct {
    int depth, size, capacity;
    PyObject **objects;
} PepTrash;

static inline PepTrash *PepTrash_Get(void)
{
    static PEP_THREAD_LOCAL PepTrash trash;
    return &trash;
}

static inline int PepTrash_IsOwn(PyObject *object, destructor dealloc)
{
    return (destructor)PyType_GetSlot(Py_TYPE(object), Py_tp_dealloc) == dealloc;
}

/* 1 where the deallocation of an object is put off, 0 where it goes on */
static inline int PepTrash_Begin(PyObject *object)
{
    PepTrash *trash = PepTrash_Get();
    if (trash->depth >= 50 && trash->size == trash->capacity) {
        int capacity = trash->capacity > 0 ? 2 * trash->capacity : 64;
        PyObject **objects = (PyObject **)realloc(trash->objects, (size_t)capacity * sizeof(PyObject *));
        if (objects != NULL) {
            trash->objects = objects;
            trash->capacity = capacity;
        }
    }
    if (trash->depth >= 50 && trash->size < trash->capacity) {
        trash->objects[trash->size++] = object;
        return 1;
    }
    trash->depth++;
    return 0;
}

static inline void PepTrash_End(void)
{
    PepTrash *trash = PepTrash_Get();
    trash->depth--;
    while (trash->depth == 0 && trash->size > 0) {
        PyObject *object = trash->objects[--trash->size];
        trash->depth++;
        ((destructor)PyType_GetSlot(Py_TYPE(object), Py_tp_dealloc))(object);
        trash->depth--;
    }
    if (trash->depth == 0) {
        free(trash->objects);
        trash->objects = NULL;
        trash->capacity = 0;
    }
}

#define Pep_TRASHCAN_BEGIN(object, dealloc) \\
    do { \\
        int pep_trash = PepTrash_IsOwn((PyObject *)(object), (destructor)(dealloc)); \\
        if (pep_trash && PepTrash_Begin((PyObject *)(object))) { \\
            break; \\
        }
#define Pep_TRASHCAN_END \\
        if (pep_trash) { \\
            PepTrash_End(); \\
        } \\
    } while (0);
`

/** object.h: long chains of objects that are given back by each other */
export const trashcan: readonly Shim[] = [
  {
    provides: ['Pep_TRASHCAN_BEGIN', 'Pep_TRASHCAN_END'],
    replaces: ['Py_TRASHCAN_BEGIN', 'Py_TRASHCAN_END'],
    until: null,
    since: 10,
    differs: '',
    cost: 'one look at a slot',
    includes: ['<stdlib.h>'],
    limited: own,
    full: fromHeaders(
      9,
      aliases({ Pep_TRASHCAN_BEGIN: 'Py_TRASHCAN_BEGIN', Pep_TRASHCAN_END: 'Py_TRASHCAN_END' }),
      own,
    ),
  },
]
