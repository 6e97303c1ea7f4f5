import { type Recipe, recipe } from '../recipe.ts'
import { shimmed, shimmedCalls } from './build.ts'

const units = 'it counts characters; on Windows one outside the BMP was two units of `wchar_t`'
const noWarning = 'there is no DeprecationWarning any more, and NULL as the encoding does not mean UTF-8'
/** From this version on all strings are ready, and the C API does not have others. */
const ready = 12

/** From this level on a str has its UTF-8 itself. */
const utf8 = 10

const attached = 'of other characters than ASCII it asks `str`, for which the thread has to be attached'
/** What is known of characters: the macro behind `Py_UNICODE_`, and the function that it calls. */
const characters = [
  ['ISSPACE', 'IsWhitespace'],
  ['ISALPHA', 'IsAlpha'],
  ['ISDECIMAL', 'IsDecimalDigit'],
  ['ISDIGIT', 'IsDigit'],
  ['ISNUMERIC', 'IsNumeric'],
  ['ISALNUM', null],
  ['ISLOWER', 'IsLowercase'],
  ['ISUPPER', 'IsUppercase'],
  ['ISTITLE', 'IsTitlecase'],
  ['ISPRINTABLE', 'IsPrintable'],
  ['ISLINEBREAK', 'IsLinebreak'],
  ['TOLOWER', 'ToLowercase'],
  ['TOUPPER', 'ToUppercase'],
  ['TOTITLE', 'ToTitlecase'],
  ['TODECIMAL', 'ToDecimalDigit'],
  ['TODIGIT', 'ToDigit'],
  ['TONUMERIC', 'ToNumeric'],
] as const

/** `bytes.join` itself, since a subclass may have another one. */
const join = 'PyObject_CallMethod((PyObject *)&PyBytes_Type, "join", "OO", sep, items)'

/**
 * The data of an ASCII str, with the type that the macro gives: the UTF-8 of it, which is there already.
 * @param type of what the macro gives
 */
const asciiData = (name: string, type: string): readonly Recipe[] => [
  recipe(`${name}(s)`, `((${type})PyUnicode_AsUTF8AndSize((PyObject *)s, NULL))`, '', { ascii: true }),
  recipe(
    `${name}(s)`,
    `((${type})PepUnicode_AsUTF8((PyObject *)s))`,
    'the UTF-8 of each different text is kept until the interpreter ends, and is NULL without memory for that',
    { ascii: true, sameFrom: utf8 },
  ),
]

/**
 * The macros by which a new str is filled, and what makes it: rewritten where all that becomes of it is understood.
 * By the name, what is written for it.
 */
export const textBufferNames: ReadonlyMap<string, string> = new Map([
  ['PyUnicode_New', 'PepUnicodeBuffer_New'],
  ['PyUnicode_DATA', 'PepUnicodeBuffer_DATA'],
  ['PyUnicode_KIND', 'PepUnicodeBuffer_KIND'],
  ['PyUnicode_1BYTE_DATA', '(Py_UCS1 *)PepUnicodeBuffer_DATA'],
  ['PyUnicode_2BYTE_DATA', '(Py_UCS2 *)PepUnicodeBuffer_DATA'],
  ['PyUnicode_4BYTE_DATA', '(Py_UCS4 *)PepUnicodeBuffer_DATA'],
  ['PyUnicode_WRITE', 'PepUnicodeBuffer_WRITE'],
])

/** str, bytes, bytearray. */
export const textAndBytes: readonly Recipe[] = [
  ...shimmed('_PyBytes_Resize'),
  recipe('PyBytes_AS_STRING(b)', 'PyBytes_AsString((PyObject *)b)', '', { elements: true }),
  recipe('PyBytes_GET_SIZE(b)', 'PyBytes_Size((PyObject *)b)'),
  recipe('PyBytesObject.ob_sval', 'PyBytes_AsString((PyObject *)it)', '', { elements: true }),
  recipe('PyBytesObject.ob_shash', 'PyObject_Hash((PyObject *)it)', 'it computes the hash where the field is still -1'),
  recipe('_PyBytes_Join(sep, items)', join),
  recipe('PyBytes_Join(sep, items)', join),
  recipe('PyByteArray_AS_STRING(b)', 'PyByteArray_AsString((PyObject *)b)', '', { elements: true }),
  recipe('PyByteArray_GET_SIZE(b)', 'PyByteArray_Size((PyObject *)b)'),
  recipe(
    'PyByteArrayObject.ob_start',
    'PyByteArray_AsString((PyObject *)it)',
    'it gives an empty string where the field of an empty bytearray is NULL',
  ),

  recipe('PyUnicode_AsUTF8(s)', 'PyUnicode_AsUTF8AndSize((PyObject *)s, NULL)'),
  recipe('PyUnicode_AsUTF8(s)', 'PepUnicode_AsUTF8((PyObject *)s)'),
  recipe('_PyUnicode_AsString(s)', 'PyUnicode_AsUTF8AndSize((PyObject *)s, NULL)'),
  recipe('_PyUnicode_AsString(s)', 'PepUnicode_AsUTF8((PyObject *)s)'),
  recipe('_PyUnicode_AsStringAndSize', 'PyUnicode_AsUTF8AndSize'),
  recipe('_PyUnicode_AsUTF8String(s, errors)', 'PyUnicode_AsEncodedString(s, "utf-8", errors)'),
  recipe('_PyUnicode_AsLatin1String(s, errors)', 'PyUnicode_AsEncodedString(s, "latin-1", errors)'),
  recipe('_PyUnicode_AsASCIIString(s, errors)', 'PyUnicode_AsEncodedString(s, "ascii", errors)'),
  recipe('_PyUnicode_FromASCII(text, size)', 'PyUnicode_DecodeASCII(text, size, NULL)'),
  recipe('PyUnicode_AsEncodedObject(s, encoding, errors)', 'PyCodec_Encode(s, encoding, errors)', noWarning),
  recipe('PyUnicode_AsDecodedObject(s, encoding, errors)', 'PyCodec_Decode(s, encoding, errors)', noWarning),
  recipe(
    'PyUnicode_InternImmortal',
    'PyUnicode_InternInPlace',
    'the string goes with its last reference, and there is no DeprecationWarning any more',
  ),
  recipe(
    'PyUnicode_FromUnicode(text, size)',
    'PyUnicode_FromWideChar(text, size)',
    'NULL makes no string that is filled afterwards',
  ),
  recipe('PyUnicode_GET_LENGTH(s)', 'PyUnicode_GetLength((PyObject *)s)'),
  recipe('PyUnicode_GET_SIZE(s)', 'PyUnicode_GetLength((PyObject *)s)', units),
  recipe('PyUnicode_GetSize(s)', 'PyUnicode_GetLength(s)', units),
  recipe(
    'PyUnicode_READ_CHAR(s, i)',
    'PyUnicode_ReadChar((PyObject *)s, i)',
    'the place after the last character is an IndexError and not 0',
  ),
  recipe(
    'PyUnicode_READY(s)',
    'PepUnicode_READY((PyObject *)s)',
    'a string that is made of `Py_UNICODE` stays as it is',
    { sameFrom: ready },
  ),
  recipe(
    '_PyUnicode_Ready(s)',
    'PepUnicode_READY((PyObject *)s)',
    'a string that is made of `Py_UNICODE` stays as it is',
    { sameFrom: ready },
  ),
  recipe('PyUnicode_IS_READY(s)', '1', 'a string that is made of `Py_UNICODE` is not ready', { sameFrom: ready }),
  recipe('PyUnicode_New(size, bound)', 'PyUnicode_FromStringAndSize("", size)', '', { literals: [[0, /^0$/]] }),
  recipe('PyUnicode_KIND(s)', 'PepUnicode_KIND((PyObject *)s)'),
  recipe('PyUnicode_DATA', 'PepUnicode_DATA', '', { characters: true }),
  recipe('PyUnicode_READ', 'PepUnicode_READ', '', { characters: true }),
  ...asciiData('PyUnicode_DATA', 'void *'),
  ...asciiData('PyUnicode_1BYTE_DATA', 'Py_UCS1 *'),
  ...shimmedCalls('PyUnicode_MAX_CHAR_VALUE', 'PyUnicode_IS_ASCII'),
  recipe(
    'PyUnicode_IS_COMPACT_ASCII(s)',
    'PepUnicode_IS_COMPACT_ASCII((PyObject *)s)',
    'a string that is made of `Py_UNICODE` counts as compact',
    { sameFrom: ready },
  ),
  ...[1, 2, 4].map((width) =>
    recipe(
      'PyUnicode_FromKindAndData(kind, data, size)',
      `PepUnicode_FromKindAndData(PepUnicode_${width}BYTE_KIND, data, size)`,
      '',
      {
        literals: [[0, new RegExp(`^PyUnicode_${width}BYTE_KIND$`)]],
      },
    ),
  ),
  ...shimmed('PyUnicode_FromKindAndData'),
  ...[1, 2, 4].map((width) =>
    recipe(
      `PyUnicode_${width}BYTE_KIND`,
      `PepUnicode_${width}BYTE_KIND`,
      'it is an int, which C++ does not take for a `PyUnicode_Kind`',
    ),
  ),

  recipe('_PyUnicode_EqualToASCIIString(s, text)', '(PyUnicode_CompareWithASCIIString(s, text) == 0)'),
  recipe('_PyUnicode_EQ(a, b)', '(PyUnicode_Compare(a, b) == 0)'),
  recipe('_PyUnicode_Equal(a, b)', '(PyUnicode_Compare(a, b) == 0)'),
  ...shimmed('PyUnicode_Equal', 'PyUnicode_EqualToUTF8', 'PyUnicode_EqualToUTF8AndSize'),
  ...characters.flatMap(([macro, behind]) =>
    [`Py_UNICODE_${macro}(c)`, ...(behind === null ? [] : [`_PyUnicode_${behind}`])].map((name) =>
      recipe(
        name,
        name.endsWith('(c)') ? `Pep_UNICODE_${macro}(c)` : `Pep_UNICODE_${macro}`,
        macro === 'ISLINEBREAK' ? '' : attached,
      ),
    ),
  ),
  ...shimmed(
    '_Py_Identifier',
    '_Py_IDENTIFIER',
    '_Py_static_string',
    '_Py_static_string_init',
    '_PyUnicode_FromId',
    '_PyUnicode_EqualToASCIIId',
  ),
  ...shimmed('Py_hexdigits'),
  ...['ISLOWER', 'ISUPPER', 'ISALPHA', 'ISDIGIT', 'ISXDIGIT', 'ISALNUM', 'ISSPACE', 'TOLOWER', 'TOUPPER'].map((name) =>
    recipe(`Py_${name}(c)`, `Pep_${name}(c)`),
  ),
  recipe('Py_UNICODE_IS_SURROGATE(c)', '(0xD800 <= (c) && (c) <= 0xDFFF)'),
  recipe('Py_UNICODE_IS_HIGH_SURROGATE(c)', '(0xD800 <= (c) && (c) <= 0xDBFF)'),
  recipe('Py_UNICODE_IS_LOW_SURROGATE(c)', '(0xDC00 <= (c) && (c) <= 0xDFFF)'),
  recipe('Py_UNICODE_HIGH_SURROGATE(c)', '((Py_UCS4)(0xD7C0 + ((c) >> 10)))'),
  recipe('Py_UNICODE_LOW_SURROGATE(c)', '((Py_UCS4)(0xDC00 + ((c) & 0x3FF)))'),
  recipe(
    'Py_UNICODE_JOIN_SURROGATES(high, low)',
    '(((((Py_UCS4)(high) & 0x3FF) << 10) | ((Py_UCS4)(low) & 0x3FF)) + 0x10000)',
  ),
]
