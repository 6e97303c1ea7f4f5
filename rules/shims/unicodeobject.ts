import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const asciiEqual = String.raw`
static inline int PepUnicode_EqualToASCIIString(PyObject *text, const char *ascii)
{
    return PyUnicode_CompareWithASCIIString(text, ascii) == 0;
}
`

const equal = String.raw`
static inline int PepUnicode_Equal(PyObject *one, PyObject *other)
{
    int order;
    if (!PyUnicode_Check(one) || !PyUnicode_Check(other)) {
        PyErr_SetString(PyExc_TypeError, "two str are needed");
        return -1;
    }
    order = PyUnicode_Compare(one, other);
    return order == -1 && PyErr_Occurred() ? -1 : order == 0;
}
`

const utf8Equal = String.raw`
static inline int PepUnicode_EqualToUTF8AndSize(PyObject *text, const char *utf8, Py_ssize_t size)
{
    PyObject *type, *value, *traceback, *other;
    int result = 0;
    PyErr_Fetch(&type, &value, &traceback);
    other = PyUnicode_DecodeUTF8(utf8, size, "strict");
    if (other != NULL) {
        result = PyUnicode_Compare(text, other) == 0;
        Py_DECREF(other);
    }
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return result;
}

static inline int PepUnicode_EqualToUTF8(PyObject *text, const char *utf8)
{
    return PepUnicode_EqualToUTF8AndSize(text, utf8, (Py_ssize_t)strlen(utf8));
}
`

/** unicodeobject.h */
export const unicodeobject: readonly Shim[] = [
  {
    provides: ['PepUnicode_AsUTF8', 'PepUnicode_AsString'],
    replaces: ['PyUnicode_AsUTF8', '_PyUnicode_AsString'],
    until: null,
    since: 2,
    differs:
      'Nothing from level 3.10 on. Below, the UTF-8 of each different text is kept until the interpreter ends: for ' +
      'few and short texts only, else `PyUnicode_AsUTF8String` and a bytes object of your own.',
    cost: 'none from 3.10 on; below a lookup in a dict, and the text is kept',
    limited: String.raw`
static inline const char *PepUnicode_AsUTF8(PyObject *text)
{
#if Py_LIMITED_API + 0 >= 0x030A0000
    return PyUnicode_AsUTF8AndSize(text, NULL);
#else
    return PepInterpreter_KeepUTF8(text);
#endif
}
#define PepUnicode_AsString PepUnicode_AsUTF8
`,
    full: aliases({ PepUnicode_AsUTF8: 'PyUnicode_AsUTF8', PepUnicode_AsString: 'PyUnicode_AsUTF8' }),
  },
  {
    provides: ['PepUnicode_GET_LENGTH', 'PepUnicode_READ_CHAR'],
    replaces: ['PyUnicode_GET_LENGTH', 'PyUnicode_READ_CHAR'],
    until: null,
    since: 3,
    differs: 'Checked: -1 with an exception. In loops over long texts `PyUnicode_AsUCS4Copy` is faster.',
    cost: 'one call',
    limited: String.raw`
#define PepUnicode_GET_LENGTH(text) PyUnicode_GetLength((PyObject *)(text))
#define PepUnicode_READ_CHAR(text, index) PyUnicode_ReadChar((PyObject *)(text), (index))
`,
    full: String.raw`
#define PepUnicode_GET_LENGTH(text) PyUnicode_GET_LENGTH((PyObject *)(text))
#define PepUnicode_READ_CHAR(text, index) PyUnicode_READ_CHAR((PyObject *)(text), (index))
`,
  },
  {
    provides: ['PepUnicode_GET_SIZE'],
    replaces: ['PyUnicode_GET_SIZE', 'PyUnicode_GetSize'],
    until: null,
    since: 3,
    differs:
      'Code points, also without the Limited API; the real one, gone in 3.12, counted units of `wchar_t`, which on ' +
      'Windows are two for a character outside the BMP.',
    cost: 'one call',
    limited: '#define PepUnicode_GET_SIZE(text) PyUnicode_GetLength((PyObject *)(text))',
    full: '#define PepUnicode_GET_SIZE(text) PyUnicode_GetLength((PyObject *)(text))',
  },
  {
    provides: ['PepUnicode_READY'],
    replaces: ['PyUnicode_READY'],
    until: null,
    since: 2,
    differs: 'Always 0: under the Limited API each function makes a str ready itself, and since 3.12 all are.',
    cost: 'none',
    limited: '#define PepUnicode_READY(text) ((void)(text), 0)',
    full: fromHeaders(
      12,
      '#define PepUnicode_READY(text) ((void)(text), 0)',
      '#define PepUnicode_READY(text) PyUnicode_READY(text)',
    ),
  },
  {
    provides: ['PepUnicode_MAX_CHAR_VALUE'],
    replaces: ['PyUnicode_MAX_CHAR_VALUE'],
    until: null,
    since: 3,
    differs: 'Without memory for the copy it gives 0x10FFFF, which is always a bound, and no exception.',
    cost: 'a copy of the text, four bytes a character',
    limited: String.raw`
static inline Py_UCS4 PepUnicode_MAX_CHAR_VALUE(PyObject *text)
{
    PyObject *type, *value, *traceback;
    Py_UCS4 bits = 0, *copy;
    Py_ssize_t i, length;
    PyErr_Fetch(&type, &value, &traceback);
    length = PyUnicode_GetLength(text);
    copy = length < 0 ? NULL : PyUnicode_AsUCS4Copy(text);
    for (i = 0; copy != NULL && i < length; i++) {
        bits |= copy[i];
    }
    if (copy == NULL) {
        bits = 0x10FFFF;
    }
    PyMem_Free(copy);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return bits < 0x80 ? 0x7F : bits < 0x100 ? 0xFF : bits < 0x10000 ? 0xFFFF : 0x10FFFF;
}
`,
    full: '#define PepUnicode_MAX_CHAR_VALUE(text) PyUnicode_MAX_CHAR_VALUE((PyObject *)(text))',
  },
  {
    provides: ['PepUnicode_KIND'],
    replaces: ['PyUnicode_KIND'],
    until: null,
    since: 3,
    differs:
      'What the widest character needs, asked of the text itself; 4 without memory for the copy, and no exception.',
    cost: 'a copy of the text, four bytes a character',
    limited: String.raw`
static inline int PepUnicode_KIND(PyObject *text)
{
    Py_UCS4 bound = PepUnicode_MAX_CHAR_VALUE(text);
    return bound < 0x100 ? 1 : bound < 0x10000 ? 2 : 4;
}
`,
    full: '#define PepUnicode_KIND(text) PyUnicode_KIND((PyObject *)(text))',
  },
  {
    provides: ['PepUnicode_DATA', 'PepUnicode_READ', 'PepUnicode_ReadAt'],
    replaces: ['PyUnicode_DATA', 'PyUnicode_READ'],
    until: null,
    since: 3,
    differs:
      'Only for each other: the data is the str itself, of which `PepUnicode_READ` asks a character, whatever the ' +
      'kind. Behind the last one it gives 0, as the real one does, and further on, too.',
    cost: 'two calls for each character',
    limited: String.raw`
#define PepUnicode_DATA(text) ((void *)(text))

static inline Py_UCS4 PepUnicode_ReadAt(const void *data, Py_ssize_t index)
{
    PyObject *text = (PyObject *)data;
    return index < PyUnicode_GetLength(text) ? PyUnicode_ReadChar(text, index) : 0;
}
#define PepUnicode_READ(kind, data, index) ((void)(kind), PepUnicode_ReadAt((data), (index)))
`,
    full: String.raw`
#define PepUnicode_DATA(text) PyUnicode_DATA((PyObject *)(text))
#define PepUnicode_READ(kind, data, index) PyUnicode_READ((kind), (data), (index))
`,
  },
  {
    provides: ['PepUnicode_IS_ASCII'],
    replaces: ['PyUnicode_IS_ASCII'],
    until: null,
    since: 2,
    differs: 'Without memory for the copy it gives 0, and no exception.',
    cost: 'a copy of the text',
    limited: String.raw`
static inline int PepUnicode_IS_ASCII(PyObject *text)
{
    PyObject *type, *value, *traceback, *bytes;
    PyErr_Fetch(&type, &value, &traceback);
    bytes = PyUnicode_AsASCIIString(text);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    Py_XDECREF(bytes);
    return bytes != NULL;
}
`,
    full: '#define PepUnicode_IS_ASCII(text) ((int)PyUnicode_IS_ASCII((PyObject *)(text)))',
  },
  {
    provides: ['PepUnicode_IS_COMPACT_ASCII'],
    replaces: ['PyUnicode_IS_COMPACT_ASCII'],
    until: null,
    since: 2,
    differs:
      'Compact is each str that is no instance of a subclass; before 3.12 one made of `Py_UNICODE` is not. Without ' +
      'memory for the copy it gives 0, and no exception.',
    cost: 'a copy of the text',
    limited: String.raw`
static inline int PepUnicode_IS_COMPACT_ASCII(PyObject *text)
{
    return PyUnicode_CheckExact(text) && PepUnicode_IS_ASCII(text);
}
`,
    full: '#define PepUnicode_IS_COMPACT_ASCII(text) ((int)PyUnicode_IS_COMPACT_ASCII((PyObject *)(text)))',
  },
  {
    provides: ['PepUnicode_FromKindAndData', 'PepUnicode_1BYTE_KIND', 'PepUnicode_2BYTE_KIND', 'PepUnicode_4BYTE_KIND'],
    replaces: ['PyUnicode_FromKindAndData', 'PyUnicode_1BYTE_KIND', 'PyUnicode_2BYTE_KIND', 'PyUnicode_4BYTE_KIND'],
    until: null,
    since: 4,
    differs: 'The same str, surrogates included, alone and in pairs.',
    cost: 'a copy of the data in UCS2, where the real one copies as well; a call for each surrogate',
    includes: ['<string.h>'],
    limited: String.raw`
#define PepUnicode_1BYTE_KIND 1
#define PepUnicode_2BYTE_KIND 2
#define PepUnicode_4BYTE_KIND 4

static inline PyObject *PepUnicode_FromKindAndData(int kind, const void *data, Py_ssize_t size)
{
    const Py_UCS4 one = 1;
    int order = *(const unsigned char *)&one == 1 ? -1 : 1;
    Py_UCS4 *wide;
    PyObject *result;
    Py_ssize_t i;
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return NULL;
    }
    if (kind == PepUnicode_1BYTE_KIND) {
        return PyUnicode_DecodeLatin1((const char *)data, size, NULL);
    }
    if (kind != PepUnicode_2BYTE_KIND && kind != PepUnicode_4BYTE_KIND) {
        PyErr_SetString(PyExc_SystemError, "invalid kind");
        return NULL;
    }
    if (size > PY_SSIZE_T_MAX / 4) {
        return PyErr_NoMemory();
    }
    if (kind == PepUnicode_4BYTE_KIND) {
        for (i = 0; i < size; i++) {
            Py_UCS4 character;
            memcpy(&character, (const char *)data + 4 * i, 4);
            if (character > 0x10FFFF) {
                PyErr_SetString(PyExc_SystemError, "invalid maximum character");
                return NULL;
            }
        }
        return PyUnicode_DecodeUTF32((const char *)data, size * 4, "surrogatepass", &order);
    }
    /* not by UTF-16, which would make one character of two surrogates */
    wide = (Py_UCS4 *)PyMem_Malloc(size > 0 ? (size_t)size * 4 : 4);
    if (wide == NULL) {
        return PyErr_NoMemory();
    }
    for (i = 0; i < size; i++) {
        unsigned short unit;
        memcpy(&unit, (const char *)data + 2 * i, 2);
        wide[i] = unit;
    }
    result = PyUnicode_DecodeUTF32((const char *)wide, size * 4, "surrogatepass", &order);
    PyMem_Free(wide);
    return result;
}
`,
    full: aliases({
      PepUnicode_FromKindAndData: 'PyUnicode_FromKindAndData',
      PepUnicode_1BYTE_KIND: 'PyUnicode_1BYTE_KIND',
      PepUnicode_2BYTE_KIND: 'PyUnicode_2BYTE_KIND',
      PepUnicode_4BYTE_KIND: 'PyUnicode_4BYTE_KIND',
    }),
  },
  {
    provides: ['PepUnicode_EqualToASCIIString'],
    replaces: ['_PyUnicode_EqualToASCIIString'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: asciiEqual,
    full: asciiEqual,
  },
  {
    provides: ['PepUnicode_Equal'],
    replaces: ['PyUnicode_Equal', '_PyUnicode_EQ'],
    until: 14,
    since: 2,
    differs: 'The text of the TypeError.',
    cost: 'none',
    limited: equal,
    full: fromHeaders(14, aliases({ PepUnicode_Equal: 'PyUnicode_Equal' }), equal),
  },
  {
    provides: ['PepUnicode_EqualToUTF8', 'PepUnicode_EqualToUTF8AndSize'],
    replaces: ['PyUnicode_EqualToUTF8', 'PyUnicode_EqualToUTF8AndSize'],
    until: 13,
    since: 2,
    differs: 'Needs memory; without it the answer is 0.',
    cost: 'a str for each call',
    includes: ['<string.h>'],
    limited: utf8Equal,
    full: fromHeaders(
      13,
      aliases({
        PepUnicode_EqualToUTF8: 'PyUnicode_EqualToUTF8',
        PepUnicode_EqualToUTF8AndSize: 'PyUnicode_EqualToUTF8AndSize',
      }),
      utf8Equal,
    ),
  },
]
