import type { Shim } from './shim.ts'

/** Text that is filled character by character: cpython/unicodeobject.h. */
export const unicodebuffer: readonly Shim[] = [
  {
    provides: [
      'PepUnicodeBuffer_New',
      'PepUnicodeBuffer_KIND',
      'PepUnicodeBuffer_DATA',
      'PepUnicodeBuffer_WRITE',
      'PepUnicodeBuffer_Finish',
    ],
    replaces: ['PyUnicode_New', 'PyUnicode_WRITE'],
    until: null,
    since: 4,
    differs:
      'The buffer is no str: `PepUnicodeBuffer_Finish` makes one of it when all characters are there, and gives NULL ' +
      'without memory; the buffer is gone then. It may be let go of before, as any object.',
    cost: 'a copy of the text',
    includes: ['<string.h>'],
    limited: String.raw`
/* Bytes: the kind of the characters, and from the eighth byte on the characters with one more that is 0. */
static inline PyObject *PepUnicodeBuffer_New(Py_ssize_t size, Py_UCS4 bound)
{
    Py_ssize_t kind = bound < 0x100 ? 1 : bound < 0x10000 ? 2 : 4;
    PyObject *buffer;
    if (size < 0 || bound > 0x10FFFF) {
        PyErr_SetString(PyExc_SystemError, "invalid size or maximum character");
        return NULL;
    }
    if (size > (PY_SSIZE_T_MAX - 64) / kind) {
        return PyErr_NoMemory();
    }
    buffer = PyBytes_FromStringAndSize(NULL, 8 + (size + 1) * kind);
    if (buffer != NULL) {
        char *start = PyBytes_AsString(buffer);
        *start = (char)kind;
        memset(start + 8 + size * kind, 0, (size_t)kind);
    }
    return buffer;
}

static inline int PepUnicodeBuffer_KIND(PyObject *buffer)
{
    return *PyBytes_AsString(buffer);
}

static inline void *PepUnicodeBuffer_DATA(PyObject *buffer)
{
    return PyBytes_AsString(buffer) + 8;
}

static inline void PepUnicodeBuffer_WRITE(int kind, void *data, Py_ssize_t index, Py_UCS4 character)
{
    if (kind == 1) {
        ((Py_UCS1 *)data)[index] = (Py_UCS1)character;
    } else if (kind == 2) {
        ((Py_UCS2 *)data)[index] = (Py_UCS2)character;
    } else {
        ((Py_UCS4 *)data)[index] = character;
    }
}

static inline PyObject *PepUnicodeBuffer_Finish(PyObject *buffer)
{
    PyObject *text = NULL;
    if (buffer != NULL) {
        int kind = PepUnicodeBuffer_KIND(buffer);
        Py_ssize_t size = (PyBytes_Size(buffer) - 8) / kind - 1;
        text = PepUnicode_FromKindAndData(kind, PepUnicodeBuffer_DATA(buffer), size);
        Py_DECREF(buffer);
    }
    return text;
}
`,
    full: String.raw`
#define PepUnicodeBuffer_New(size, bound) PyUnicode_New((size), (bound))
#define PepUnicodeBuffer_KIND(text) PyUnicode_KIND((text))
#define PepUnicodeBuffer_DATA(text) PyUnicode_DATA((text))
#define PepUnicodeBuffer_WRITE(kind, data, index, character) PyUnicode_WRITE((kind), (data), (index), (character))
#define PepUnicodeBuffer_Finish(text) (text)
`,
  },
]
