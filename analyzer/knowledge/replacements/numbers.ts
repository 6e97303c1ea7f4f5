import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const sign = way(
  'long long n = PyLong_AsLongLongAndOverflow(v, &overflow)',
  'the sign is that of overflow where it is not 0, else that of n; -1 with overflow 0 may be an error: PyErr_Occurred',
)
const toBytes = way(
  'PyObject_CallMethod(v, "to_bytes", "ns", n, "little")',
  'a new bytes object; OverflowError for a negative number, as signed is a keyword argument: pass that by ' +
    'PyObject_Call',
)
const fromBytes = way(
  'PyObject_CallMethod((PyObject *)&PyLong_Type, "from_bytes", "Os", bytes, "little")',
  'takes a bytes object and reads it as unsigned; signed is a keyword argument: pass that by PyObject_Call',
)
const digits = [
  way(
    'PyLong_Export(v, &export); PyLong_FreeExport(&export)',
    'gives the value or, with PyLong_GetNativeLayout, the digits; free after use; -1 on error',
  ),
  way(
    'PyLong_AsNativeBytes(v, buffer, n, -1)',
    'the number in two-complement bytes; returns how many it needs, -1 on error',
  ),
  toBytes,
]

/** int, float, complex and hashing. */
export const numbers: readonly Replacement[] = [
  replace(
    'PyFloat_AS_DOUBLE',
    way(
      'PyFloat_AsDouble(f)',
      'accepts what has __float__ or __index__ too; -1.0 with an exception on error: test PyErr_Occurred',
    ),
  ),
  replace(
    ['PyFloatObject', 'PyFloatObject.ob_fval'],
    way('PyFloat_AsDouble(f)', 'the struct is opaque; -1.0 with an exception on error'),
  ),
  ...family({ Pack4: 'float', Pack8: 'double' }, (name, type) =>
    replace(
      [`PyFloat_${name}`, `_PyFloat_${name}`],
      way(
        `${type} y = (${type})x; memcpy(p, &y, sizeof y)`,
        'in the byte order of the machine, to be reversed for the other; no OverflowError',
      ),
    ),
  ),
  ...family({ Unpack4: 'float', Unpack8: 'double' }, (name, type) =>
    replace(
      [`PyFloat_${name}`, `_PyFloat_${name}`],
      way(
        `${type} y; memcpy(&y, p, sizeof y)`,
        'in the byte order of the machine, to be reversed before for the other',
      ),
    ),
  ),
  replace(
    ['PyFloat_Pack2', '_PyFloat_Pack2'],
    way(
      'PyObject_CallMethod(struct_module, "pack", "sd", "<e", x)',
      'with struct_module the imported module struct; a new bytes object',
    ),
  ),
  replace(
    ['PyFloat_Unpack2', '_PyFloat_Unpack2'],
    way(
      'PyObject_CallMethod(struct_module, "unpack", "sO", "<e", ' + 'bytes)',
      'with struct_module the imported module struct; takes a bytes object, gives a new tuple',
    ),
  ),

  replace(
    ['PyComplexObject', 'PyComplexObject.cval', 'PyComplex_AsCComplex'],
    way(
      'double re = PyComplex_RealAsDouble(o); double im = PyComplex_ImagAsDouble(o)',
      '-1.0 with an exception on error; __complex__ is used from runtime 3.13 on, before it is __float__ for the ' +
        'real part',
    ),
  ),
  replace('PyComplex_FromCComplex', way('PyComplex_FromDoubles(re, im)', 'two doubles instead of the struct')),
  replace('Py_complex', way('typedef struct { double real, imag; } complex_value', 'a type of your own')),
  replace(
    ['_Py_c_sum', '_Py_c_diff', '_Py_c_neg', '_Py_c_prod', '_Py_c_quot', '_Py_c_pow', '_Py_c_abs'],
    [],
    'complex arithmetic is not in the Limited API; people use <complex.h> or write it out on two doubles',
  ),

  replace(['PyLongObject', 'PyLongObject.ob_digit', 'PyLongObject.long_value'], digits),
  replace(
    ['_PyLong_AsByteArray'],
    [
      way(
        'PyLong_AsNativeBytes(v, buffer, n, flags)',
        'returns how many bytes it needs, which may be more than n, instead of raising OverflowError; -1 on error; ' +
          'flags say byte order and sign',
      ),
      toBytes,
    ],
  ),
  replace('PyLong_AsNativeBytes', toBytes),
  replace('_PyLong_FromByteArray', [
    way(
      'PyLong_FromNativeBytes(buffer, n, flags)',
      'for unsigned numbers PyLong_FromUnsignedNativeBytes; flags say the byte order',
    ),
    fromBytes,
  ]),
  replace(['PyLong_FromNativeBytes', 'PyLong_FromUnsignedNativeBytes'], fromBytes),
  replace(['_PyLong_Sign', 'PyLong_GetSign', 'PyLong_IsZero', 'PyLong_IsPositive', 'PyLong_IsNegative'], sign),
  replace(
    '_PyLong_NumBits',
    way('PyObject_CallMethod(v, "bit_length", NULL)', 'a new int, to be read with PyLong_AsSize_t'),
  ),
  replace('_PyLong_AsInt', [
    way('PyLong_AsInt(v)', '-1 with an exception on error'),
    way('PyLong_AsLong(v)', 'compare the result with INT_MIN and INT_MAX and raise OverflowError yourself'),
  ]),
  replace(
    'PyLong_AsInt',
    way('PyLong_AsLong(v)', 'compare the result with INT_MIN and INT_MAX and raise OverflowError yourself'),
  ),
  replace(
    'PyLong_AsInt32',
    way(
      'long n = PyLong_AsLong(v)',
      'returns the number instead of storing it; compare with INT32_MIN and INT32_MAX and raise OverflowError yourself',
    ),
  ),
  replace(
    'PyLong_AsInt64',
    way(
      'long long n = PyLong_AsLongLong(v)',
      'returns the number instead of storing it: -1 may be an error, test PyErr_Occurred',
    ),
  ),
  replace(
    'PyLong_AsUInt32',
    way(
      'unsigned long n = PyLong_AsUnsignedLong(v)',
      'returns the number instead of storing it; compare with UINT32_MAX yourself; v must be an int, __index__ ' +
        'is not ' +
        'called',
    ),
  ),
  replace(
    'PyLong_AsUInt64',
    way(
      'unsigned long long n = PyLong_AsUnsignedLongLong(v)',
      'returns the number instead of storing it: test PyErr_Occurred; v must be an int, __index__ is not called',
    ),
  ),
  replace('PyLong_FromInt32', way('PyLong_FromLong(n)')),
  replace('PyLong_FromInt64', way('PyLong_FromLongLong(n)')),
  replace('PyLong_FromUInt32', way('PyLong_FromUnsignedLong(n)')),
  replace('PyLong_FromUInt64', way('PyLong_FromUnsignedLongLong(n)')),
  replace('_PyLong_Copy', way('PyNumber_Long(v)', 'an int itself comes back with a new reference, no copy')),
  replace(
    ['_PyLong_New', '_PyLong_FromDigits'],
    [
      way(
        'PyLongWriter *w = PyLongWriter_Create(negative, ndigits, &digits); PyObject *v = PyLongWriter_Finish(w)',
        'fill all digits between the two calls, in the layout of PyLong_GetNativeLayout',
      ),
      fromBytes,
    ],
  ),
  replace(
    ['PyLong_Export', 'PyLong_FreeExport', 'PyLong_GetNativeLayout'],
    [way('PyLong_AsNativeBytes(v, buffer, n, -1)', 'bytes instead of digits'), toBytes],
  ),
  replace(
    ['PyLongWriter_Create', 'PyLongWriter_Finish', 'PyLongWriter_Discard'],
    [way('PyLong_FromNativeBytes(buffer, n, -1)', 'bytes instead of digits'), fromBytes],
  ),
  replace(
    ['PyLong_SHIFT', 'PyLong_BASE', 'PyLong_MASK', 'digit', 'sdigit', 'twodigits'],
    way('const PyLongLayout *layout = PyLong_GetNativeLayout()', 'tells bits and size of a digit at run time'),
    'the digits of an int are not in the Limited API at this level; people go through bytes',
  ),
  replace('_PyLong_GCD', way('PyObject_CallMethod(math, "gcd", "OO", a, b)', 'with math the imported module')),
  replace('_PyLong_DivmodNear', [], 'no Limited API function does this; people correct the result of PyNumber_Divmod'),
  replace(
    '_PyLong_Frexp',
    way(
      'PyObject_CallMethod(math, "frexp", "O", v)',
      'with math the imported module; a new tuple; OverflowError where the number does not fit a double',
    ),
  ),
  replace('_PyLong_Format', way('PyNumber_ToBase(v, base)', 'with the prefix 0b, 0o or 0x except for base 10')),
  replace(
    ['_PyLong_Zero', '_PyLong_GetZero'],
    [
      way('Py_GetConstantBorrowed(Py_CONSTANT_ZERO)', 'a borrowed reference'),
      way('PyLong_FromLong(0)', 'a new reference'),
    ],
  ),
  replace(
    ['_PyLong_One', '_PyLong_GetOne'],
    [
      way('Py_GetConstantBorrowed(Py_CONSTANT_ONE)', 'a borrowed reference'),
      way('PyLong_FromLong(1)', 'a new reference'),
    ],
  ),
  ...family(
    {
      UnsignedShort: 'PyLong_AsUnsignedLong(o)',
      UnsignedInt: 'PyLong_AsUnsignedLong(o)',
      UnsignedLong: 'PyLong_AsUnsignedLong(o)',
      UnsignedLongLong: 'PyLong_AsUnsignedLongLong(o)',
      Size_t: 'PyLong_AsSize_t(o)',
    },
    (type, call) =>
      replace(
        `_PyLong_${type}_Converter`,
        way(
          call,
          'in a converter of your own for O&, which returns 1, or 0 with an exception; compare with the range of ' +
            'the type',
        ),
      ),
  ),
  replace(
    ['PyUnstable_Long_IsCompact', 'PyUnstable_Long_CompactValue'],
    way('PyLong_AsLongAndOverflow(v, &overflow)', 'tells by overflow whether the number fits'),
  ),
  replace('PyLong_FromUnicodeObject', [
    way(
      'PyObject_CallFunction((PyObject *)&PyLong_Type, "Oi", s, base)',
      'accepts all decimal digits of Unicode, as before',
    ),
  ]),
  replace(
    'PyLong_FromUnicode',
    way('PyLong_FromString(text, NULL, base)', 'takes a char pointer, so ASCII digits only'),
  ),
  replace(
    ['_Py_HashDouble'],
    way(
      'PyObject *f = PyFloat_FromDouble(x); Py_hash_t h = PyObject_Hash(f)',
      'release f; the same hash, except for NaN, which hashes by identity from runtime 3.10 on',
    ),
  ),
  replace(
    ['_Py_HashPointer', 'Py_HashPointer', '_Py_HashPointerRaw'],
    way(
      '(Py_hash_t)((uintptr_t)p >> 4)',
      'a function of your own; never return -1, which means an error; not the same value as that of CPython',
    ),
  ),
  replace(
    ['_Py_HashBytes', 'Py_HashBuffer'],
    way(
      'PyObject *b = PyBytes_FromStringAndSize(p, n); Py_hash_t h = ' + 'PyObject_Hash(b)',
      'the same hash through a copy; release b',
    ),
  ),
  replace(
    ['PyHASH_MODULUS', '_PyHASH_MODULUS'],
    way('PyObject_GetAttrString(PySys_GetObject("hash_info"), "modulus")', 'a new int'),
  ),
  replace(
    ['PyHASH_INF', '_PyHASH_INF'],
    way('PyObject_GetAttrString(PySys_GetObject("hash_info"), "inf")', 'a new int'),
  ),
  replace(
    ['PyHASH_IMAG', '_PyHASH_IMAG'],
    way('PyObject_GetAttrString(PySys_GetObject("hash_info"), "imag")', 'a new int'),
  ),
  replace(
    ['PyHASH_BITS', '_PyHASH_BITS', 'PyHASH_MULTIPLIER', '_PyHASH_MULTIPLIER'],
    [],
    'constants of the implementation; sys.hash_info has what is public of them',
  ),
  replace(
    'PyHash_GetFuncDef',
    way(
      'PySys_GetObject("hash_info")',
      'a borrowed reference; its attributes algorithm, ' + 'hash_bits and seed_bits are what the struct had',
    ),
  ),
  withoutWay('_PyLong_AsTime_t', 'write it with PyLong_AsLongLong and a comparison with the range of time_t'),
]
