import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const formats: readonly (readonly [size: number, format: string])[] = [
  [2, 'e'],
  [4, 'f'],
  [8, 'd'],
]

const named = (write: (size: number, format: string) => string): string =>
  formats.map(([size, format]) => write(size, format)).join('\n')

const limited = `
static inline int PepFloat_PackBy(const char *format, double number, char *data, Py_ssize_t size)
{
    PyObject *module = PyImport_ImportModule("struct");
    PyObject *bytes = module != NULL ? PyObject_CallMethod(module, "pack", "sd", format, number) : NULL;
    Py_XDECREF(module);
    if (bytes == NULL) {
        return -1;
    }
    memcpy(data, PyBytes_AsString(bytes), (size_t)size);
    Py_DECREF(bytes);
    return 0;
}

static inline double PepFloat_UnpackBy(const char *format, const char *data, Py_ssize_t size)
{
    PyObject *module = PyImport_ImportModule("struct");
    PyObject *bytes = module != NULL ? PyBytes_FromStringAndSize(data, size) : NULL;
    PyObject *numbers = bytes != NULL ? PyObject_CallMethod(module, "unpack", "sO", format, bytes) : NULL;
    double number = numbers != NULL ? PyFloat_AsDouble(PyTuple_GetItem(numbers, 0)) : -1.0;
    Py_XDECREF(numbers);
    Py_XDECREF(bytes);
    Py_XDECREF(module);
    return number;
}
${named(
  (size, format) => `
static inline int PepFloat_Pack${size}(double number, char *data, int le)
{
    return PepFloat_PackBy(le ? "<${format}" : ">${format}", number, data, ${size});
}

static inline double PepFloat_Unpack${size}(const char *data, int le)
{
    return PepFloat_UnpackBy(le ? "<${format}" : ">${format}", data, ${size});
}`,
)}
`

/** floatobject.h: floats as bytes */
export const floatpack: readonly Shim[] = [
  {
    provides: [
      'PepFloat_Pack2',
      ...['Pack4', 'Pack8', 'Unpack2', 'Unpack4', 'Unpack8'].map((name) => `PepFloat_${name}`),
    ],
    replaces: formats.flatMap(([size]) =>
      ['PyFloat', '_PyFloat'].flatMap((prefix) => [`${prefix}_Pack${size}`, `${prefix}_Unpack${size}`]),
    ),
    until: null,
    since: 6,
    differs: '',
    cost: 'an import that is found, a call and a bytes object',
    includes: ['<string.h>'],
    limited,
    full: fromHeaders(
      11,
      aliases(
        Object.fromEntries(
          formats.flatMap(([size]) =>
            ['Pack', 'Unpack'].map((name) => [`PepFloat_${name}${size}`, `PyFloat_${name}${size}`]),
          ),
        ),
      ),
      `${named(
        (size) =>
          `#define PepFloat_Pack${size}(number, data, le) ` +
          `_PyFloat_Pack${size}((number), (unsigned char *)(data), (le))`,
      )}\n${named(
        (size) =>
          `#define PepFloat_Unpack${size}(data, le) _PyFloat_Unpack${size}((const unsigned char *)(data), (le))`,
      )}`,
    ),
  },
]
