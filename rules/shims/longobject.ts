import { aliases, fromHeaders, untilHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const asInt = String.raw`
static inline int PepLong_AsInt(PyObject *number)
{
    long value = PyLong_AsLong(number);
    if (value > INT_MAX || value < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    return (int)value;
}
`

const sign = String.raw`
static inline int PepLong_Sign(PyObject *number)
{
    int overflow = 0;
    long value;
    if (!PyLong_Check(number)) {
        PyErr_SetString(PyExc_TypeError, "an int is needed");
        return -1;
    }
    value = PyLong_AsLongAndOverflow(number, &overflow);
    return overflow != 0 ? overflow : value > 0 ? 1 : value < 0 ? -1 : 0;
}
`

const bytesHash = String.raw`
static inline Py_hash_t PepHash_Bytes(const void *data, Py_ssize_t size)
{
    Py_hash_t hash;
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)data, size);
    if (bytes == NULL) {
        return -1;
    }
    hash = PyObject_Hash(bytes);
    Py_DECREF(bytes);
    return hash;
}
`

/** longobject.h */
export const longobject: readonly Shim[] = [
  {
    provides: ['PepLong_AsInt'],
    replaces: ['PyLong_AsInt', '_PyLong_AsInt'],
    until: 13,
    since: 2,
    differs: '',
    cost: 'none',
    includes: ['<limits.h>'],
    limited: asInt,
    full: fromHeaders(13, aliases({ PepLong_AsInt: 'PyLong_AsInt' }), asInt),
  },
  {
    provides: ['PepLong_AsByteArray', 'PepLong_FromByteArray'],
    replaces: ['_PyLong_AsByteArray', '_PyLong_FromByteArray'],
    until: null,
    since: 2,
    differs:
      'OverflowError where the number does not fit, as up to 3.12 and as from 3.13 on with `with_exceptions`; ' +
      'nothing is written then.',
    cost: 'one method call and a bytes object',
    includes: ['<string.h>'],
    limited: String.raw`
/* int.to_bytes or int.from_bytes with keyword signed; takes the tuple, which may be NULL */
static inline PyObject *PepLong_CallSigned(const char *name, PyObject *args, int is_signed)
{
    PyObject *result = NULL, *method, *kwargs;
    if (args == NULL) {
        return NULL;
    }
    method = PyObject_GetAttrString((PyObject *)&PyLong_Type, name);
    kwargs = method != NULL ? PyDict_New() : NULL;
    if (kwargs != NULL && PyDict_SetItemString(kwargs, "signed", is_signed ? Py_True : Py_False) == 0) {
        result = PyObject_Call(method, args, kwargs);
    }
    Py_XDECREF(kwargs);
    Py_XDECREF(method);
    Py_DECREF(args);
    return result;
}

static inline int PepLong_AsByteArrayObject(PyObject *number, unsigned char *bytes, size_t size, int little_endian, int is_signed)
{
    PyObject *result;
    const char *data;
    if (size > (size_t)PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "byte array too long");
        return -1;
    }
    result = PepLong_CallSigned("to_bytes",
        Py_BuildValue("(Ons)", number, (Py_ssize_t)size, little_endian ? "little" : "big"), is_signed);
    if (result == NULL) {
        return -1;
    }
    data = PyBytes_AsString(result);
    if (data != NULL && size > 0) {
        memcpy(bytes, data, size);
    }
    Py_DECREF(result);
    return data != NULL ? 0 : -1;
}
#define PepLong_AsByteArray(number, bytes, size, little_endian, is_signed) \
    PepLong_AsByteArrayObject((PyObject *)(number), (bytes), (size), (little_endian), (is_signed))

static inline PyObject *PepLong_FromByteArray(const unsigned char *bytes, size_t size, int little_endian, int is_signed)
{
    PyObject *data;
    if (size > (size_t)PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "byte array too long");
        return NULL;
    }
    data = PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)size);
    if (data == NULL) {
        return NULL;
    }
    return PepLong_CallSigned("from_bytes", Py_BuildValue("(Ns)", data, little_endian ? "little" : "big"), is_signed);
}
`,
    full: `${fromHeaders(
      13,
      String.raw`
#define PepLong_AsByteArray(number, bytes, size, little_endian, is_signed) \
    _PyLong_AsByteArray((PyLongObject *)(number), (bytes), (size), (little_endian), (is_signed), 1)
`,
      String.raw`
#define PepLong_AsByteArray(number, bytes, size, little_endian, is_signed) \
    _PyLong_AsByteArray((PyLongObject *)(number), (bytes), (size), (little_endian), (is_signed))
`,
    )}\n${aliases({ PepLong_FromByteArray: '_PyLong_FromByteArray' })}`,
  },
  {
    provides: ['PepLong_Sign'],
    replaces: ['_PyLong_Sign'],
    until: null,
    since: 2,
    differs: '-1 with a TypeError for what is no int.',
    cost: 'none',
    limited: sign,
    full: untilHeaders(13, aliases({ PepLong_Sign: '_PyLong_Sign' }), sign),
  },
  {
    provides: ['PepLong_NumBits'],
    replaces: ['_PyLong_NumBits'],
    until: null,
    since: 2,
    differs: 'TypeError for what is no int. A `size_t` also where the real one, from 3.14 on, gives `int64_t`.',
    cost: 'one method call',
    limited: String.raw`
static inline size_t PepLong_NumBits(PyObject *number)
{
    size_t bits;
    PyObject *result = PyObject_CallMethod((PyObject *)&PyLong_Type, "bit_length", "(O)", number);
    if (result == NULL) {
        return (size_t)-1;
    }
    bits = PyLong_AsSize_t(result);
    Py_DECREF(result);
    return bits;
}
`,
    full: '#define PepLong_NumBits(number) ((size_t)_PyLong_NumBits(number))',
  },
]

/** complexobject.h */
export const complexobject: readonly Shim[] = [
  {
    provides: ['PepComplex_AsCComplex', 'PepComplex_FromCComplex', 'Pep_complex'],
    replaces: ['PyComplex_AsCComplex', 'PyComplex_FromCComplex', 'Py_complex'],
    until: null,
    since: 2,
    differs: '',
    cost: 'a complex object where it is none',
    limited: String.raw`
typedef struct {
    double real;
    double imag;
} Pep_complex;

static inline Pep_complex PepComplex_AsCComplex(PyObject *number)
{
    Pep_complex result;
    result.real = -1.0;
    result.imag = 0.0;
    if (PyUnicode_Check(number)) {
        PyErr_SetString(PyExc_TypeError, "must be real number, not str");
    }
    else if (PyComplex_Check(number)) {
        result.real = PyComplex_RealAsDouble(number);
        result.imag = PyComplex_ImagAsDouble(number);
    }
    else if (PyFloat_Check(number) && !PyObject_HasAttrString((PyObject *)Py_TYPE(number), "__complex__")) {
        /* its value, where the type would ask for __float__ */
        result.real = PyFloat_AsDouble(number);
    }
    else {
        /* the type asks for __complex__, __float__, __index__, in this order */
        PyObject *made = PyObject_CallFunctionObjArgs((PyObject *)&PyComplex_Type, number, (PyObject *)NULL);
        if (made != NULL) {
            result.real = PyComplex_RealAsDouble(made);
            result.imag = PyComplex_ImagAsDouble(made);
            Py_DECREF(made);
        }
    }
    return result;
}

static inline PyObject *PepComplex_FromCComplex(Pep_complex number)
{
    return PyComplex_FromDoubles(number.real, number.imag);
}
`,
    full: aliases({
      PepComplex_AsCComplex: 'PyComplex_AsCComplex',
      PepComplex_FromCComplex: 'PyComplex_FromCComplex',
      Pep_complex: 'Py_complex',
    }),
  },
]

/** pyhash.h */
export const pyhash: readonly Shim[] = [
  {
    provides: ['PepHash_Pointer'],
    replaces: ['_Py_HashPointer', 'Py_HashPointer'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: String.raw`
static inline Py_hash_t PepHash_Pointer(const void *pointer)
{
    size_t bits = (size_t)pointer;
    Py_hash_t hash;
    /* the lowest four bits of an address say least, so they go to the top */
    bits = (bits >> 4) | (bits << (8 * sizeof(bits) - 4));
    hash = (Py_hash_t)bits;
    return hash == -1 ? -2 : hash;
}
`,
    full: fromHeaders(
      13,
      aliases({ PepHash_Pointer: 'Py_HashPointer' }),
      aliases({ PepHash_Pointer: '_Py_HashPointer' }),
    ),
  },
  {
    provides: ['PepHash_Double'],
    replaces: ['_Py_HashDouble'],
    until: null,
    since: 2,
    differs:
      'Takes the object first, as the real one from 3.10 on, which is hashed by address where the number is a NaN. ' +
      '-1 with a MemoryError.',
    cost: 'a float object',
    limited: String.raw`
static inline Py_hash_t PepHash_Double(PyObject *object, double number)
{
    Py_hash_t hash;
    PyObject *value;
    if (number != number) {
        return PepHash_Pointer(object);
    }
    value = PyFloat_FromDouble(number);
    if (value == NULL) {
        return -1;
    }
    hash = PyObject_Hash(value);
    Py_DECREF(value);
    return hash;
}
`,
    full: fromHeaders(
      10,
      aliases({ PepHash_Double: '_Py_HashDouble' }),
      '#define PepHash_Double(object, number) ((void)(object), _Py_HashDouble(number))',
    ),
  },
  {
    provides: ['PepHash_Bytes'],
    replaces: ['_Py_HashBytes', 'Py_HashBuffer'],
    until: null,
    since: 2,
    differs: '-1 with a MemoryError.',
    cost: 'a bytes object',
    limited: bytesHash,
    full: fromHeaders(14, aliases({ PepHash_Bytes: 'Py_HashBuffer' }), bytesHash),
  },
]
