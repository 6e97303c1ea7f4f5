import type { Replacement } from '../replacement.ts'
import { family, replace, way, withoutWay } from './build.ts'

const utf8Copy = way(
  'PyObject *b = PyUnicode_AsUTF8String(s); const char *p = PyBytes_AsString(b)',
  'the text belongs to a new bytes object and lives as long as that; NULL on failure, test b first; the length is ' +
    'PyBytes_Size(b)',
)
const ucs4Copy = way(
  'Py_UCS4 *p = PyUnicode_AsUCS4Copy(s)',
  'a copy of four bytes per character with a null at its end, to be freed with PyMem_Free; NULL on failure',
)
const writer = way(
  'PyObject *s = PyUnicode_Join(separator, list)',
  'collect the parts as str in a list, with an empty str as separator, or write UTF-8 into a buffer of your own',
)
const stringsStayWhole = 'the layout of strings is not in the Limited API; people copy the text, as UTF-8 or as Py_UCS4'

/** Bytes, bytearray and str. */
export const textAndBytes: readonly Replacement[] = [
  replace('PyBytes_AS_STRING', way('PyBytes_AsString(b)', 'checks the type: NULL with TypeError')),
  replace('PyBytes_GET_SIZE', way('PyBytes_Size(b)', '-1 with TypeError for an object of another type')),
  replace(
    'PyBytesObject',
    way(
      'PyBytes_AsStringAndSize(b, &p, &n)',
      'the struct is opaque; a borrowed pointer, as long as b lives; returns -1 on error',
    ),
  ),
  replace(
    'PyBytesObject.ob_sval',
    way('PyBytes_AsString(b)', 'a borrowed pointer; to be written only right after PyBytes_FromStringAndSize(NULL, n)'),
  ),
  replace('PyBytesObject.ob_shash', way('PyObject_Hash(b)', 'computes the hash if need be; -1 on error')),
  replace(
    '_PyBytes_Resize',
    way(
      'PyBytes_FromStringAndSize(buffer, n)',
      'fill a buffer of your own, from PyMem_Malloc, and make the bytes at the end: one more copy',
    ),
  ),
  replace(
    ['PyBytes_Join', '_PyBytes_Join'],
    way(
      'PyObject_CallMethod(separator, "join", "(O)", iterable)',
      'a new reference, as before; with "O" a tuple would be spread into arguments',
    ),
  ),
  replace(
    [
      'PyBytesWriter',
      'PyBytesWriter_Create',
      'PyBytesWriter_Finish',
      'PyBytesWriter_FinishWithSize',
      'PyBytesWriter_FinishWithPointer',
      'PyBytesWriter_WriteBytes',
      'PyBytesWriter_Resize',
      'PyBytesWriter_Grow',
      'PyBytesWriter_GetData',
      'PyBytesWriter_GetSize',
      '_PyBytesWriter',
      '_PyBytesWriter_Init',
      '_PyBytesWriter_Alloc',
      '_PyBytesWriter_Prepare',
      '_PyBytesWriter_WriteBytes',
      '_PyBytesWriter_Finish',
      '_PyBytesWriter_Dealloc',
    ],
    way(
      'char *p = PyMem_Realloc(buffer, capacity); PyObject *b = PyBytes_FromStringAndSize(p, n)',
      'a buffer of your own, grown as needed and freed with PyMem_Free after the copy',
    ),
  ),
  replace('_PyBytes_FormatEx', way('PyNumber_Remainder(format, args)', 'format is a bytes object')),
  replace('_PyBytes_FromHex', way('PyObject_CallMethod((PyObject *)&PyBytes_Type, "fromhex", "O", s)', 's is a str')),

  replace(
    'PyByteArray_AS_STRING',
    way('PyByteArray_AsString(b)', 'never NULL for a bytearray; the pointer is good ' + 'until the next resize'),
  ),
  replace('PyByteArray_GET_SIZE', way('PyByteArray_Size(b)')),
  replace('PyByteArrayObject', way('PyByteArray_AsString(b)', 'the struct is opaque; the length is PyByteArray_Size')),

  replace(
    ['PyUnicode_AsUTF8', '_PyUnicode_AsString'],
    [
      way(
        'PyUnicode_AsUTF8AndSize(s, NULL)',
        'the same text, cached in the str and living as long as it does; NULL with an exception on error; NUL ' +
          'characters inside stay unnoticed',
      ),
      utf8Copy,
    ],
    'encode the str with PyUnicode_AsUTF8String and keep the bytes object',
  ),
  replace('_PyUnicode_AsStringAndSize', [
    way('PyUnicode_AsUTF8AndSize(s, &size)', 'the same text, cached in the str'),
    utf8Copy,
  ]),
  replace('PyUnicode_AsUTF8AndSize', utf8Copy),
  replace(
    'PyUnicode_GET_LENGTH',
    way('PyUnicode_GetLength(s)', 'in code points, as before; -1 with an exception on error'),
  ),
  replace(
    ['PyUnicode_GET_SIZE', 'PyUnicode_GetSize'],
    way(
      'PyUnicode_GetLength(s)',
      'code points instead of wchar_t units, which differ on Windows for characters beyond U+FFFF; for those units ' +
        'PyUnicode_AsWideChar(s, NULL, 0) - 1',
    ),
  ),
  replace(
    'PyUnicode_GET_DATA_SIZE',
    way('PyUnicode_AsWideChar(s, NULL, 0)', 'in wchar_t units, with the null at the end'),
  ),
  replace(
    'PyUnicode_READ_CHAR',
    way(
      'PyUnicode_ReadChar(s, i)',
      '(Py_UCS4)-1 with an exception on error; a call for each character, so take a copy by PyUnicode_AsUCS4Copy for ' +
        'loops',
    ),
  ),
  replace(
    'PyUnicode_READ',
    way(
      'PyUnicode_ReadChar(s, i)',
      'takes the str instead of kind and data; (Py_UCS4)-1 with an exception on error; for loops take a copy by ' +
        'PyUnicode_AsUCS4Copy',
    ),
  ),
  replace(
    'PyUnicode_WRITE',
    way(
      'PyUnicode_WriteChar(s, i, c)',
      'only for a str that nobody else refers to and whose hash was not asked for; returns -1 on error; as ' +
        'PyUnicode_New is missing too, fill a buffer and decode it',
    ),
  ),
  replace('PyUnicode_DATA', ucs4Copy),
  replace('PyUnicode_KIND', ucs4Copy),
  replace(['PyUnicode_1BYTE_DATA', 'PyUnicode_2BYTE_DATA', 'PyUnicode_4BYTE_DATA'], ucs4Copy),
  withoutWay(
    ['PyUnicode_1BYTE_KIND', 'PyUnicode_2BYTE_KIND', 'PyUnicode_4BYTE_KIND', 'PyUnicode_WCHAR_KIND', 'PyUnicode_Kind'],
    stringsStayWhole,
  ),
  replace(
    'PyUnicode_MAX_CHAR_VALUE',
    way(
      'Py_UCS4 *p = PyUnicode_AsUCS4Copy(s)',
      'take the largest character of the copy, then PyMem_Free; the macro gave an upper bound only',
    ),
  ),
  replace(
    ['PyUnicode_IS_ASCII', 'PyUnicode_IS_COMPACT_ASCII'],
    way(
      '(PyUnicode_AsUTF8AndSize(s, &size) != NULL && size == PyUnicode_GetLength(s))',
      'makes the UTF-8 form and caches it in the str; fails with an exception, to be cleared, for lone surrogates',
    ),
    'compare the size of PyUnicode_AsUTF8String with PyUnicode_GetLength',
  ),
  withoutWay(
    ['PyUnicode_IS_COMPACT', 'PyUnicode_CHECK_INTERNED', 'PyUnicode_WSTR_LENGTH'],
    'the Limited API does not tell; people drop the question, as it only chooses a faster path',
  ),
  withoutWay(
    ['PyUnicode_READY', 'PyUnicode_IS_READY', '_PyUnicode_Ready'],
    'delete the call: the functions of the Limited API make a str ready themselves, and from 3.12 on every str is',
  ),
  replace(
    'PyUnicode_New',
    way(
      'PyUnicode_DecodeUTF32((const char *)buffer, 4 * n, "surrogatepass", &byteorder)',
      'fill a buffer of Py_UCS4 first, with byteorder -1 for little and 1 for big endian; for Latin-1 text ' +
        'PyUnicode_DecodeLatin1, for UTF-8 PyUnicode_DecodeUTF8',
    ),
  ),
  replace(
    'PyUnicode_FromKindAndData',
    way(
      'PyUnicode_DecodeUTF32((const char *)buffer, 4 * n, "surrogatepass", &byteorder)',
      'for the 4-byte kind, with byteorder -1 for little and 1 for big endian; 1-byte: ' +
        'PyUnicode_DecodeLatin1(buffer, ' +
        'n, NULL); 2-byte: PyUnicode_DecodeUTF16 with 2 * n bytes, which joins surrogate pairs while the old ' +
        'function ' +
        'did not',
      ['PyUnicode_DecodeLatin1', 'PyUnicode_DecodeUTF16'],
    ),
  ),
  replace(
    ['PyUnicode_CopyCharacters', '_PyUnicode_FastCopyCharacters'],
    way(
      'PyObject *part = PyUnicode_Substring(s, start, end); PyObject *r = PyUnicode_Concat(left, part)',
      'strings are put together instead of written into; a new reference each, so release part',
    ),
  ),
  replace(
    ['PyUnicode_Fill', '_PyUnicode_FastFill'],
    way(
      'PyObject *one = PyUnicode_FromOrdinal(c); PyObject *r = PySequence_Repeat(one, n)',
      'makes a new str instead of writing into one; release the str of one character',
    ),
  ),
  replace(
    ['PyUnicodeObject', 'PyASCIIObject', 'PyCompactUnicodeObject'],
    [
      way(
        'PyUnicode_AsUTF8AndSize(s, &size)',
        'the struct is opaque; the text is cached in the str and lives as long as it',
      ),
      utf8Copy,
    ],
    stringsStayWhole,
  ),
  replace(
    [
      'PyUnicode_AS_UNICODE',
      'PyUnicode_AsUnicode',
      'PyUnicode_AsUnicodeAndSize',
      '_PyUnicode_AsUnicode',
      'PyUnicode_AS_DATA',
      'PyUnicode_AsUnicodeCopy',
    ],
    way(
      'wchar_t *p = PyUnicode_AsWideCharString(s, &size)',
      'a copy, to be freed with PyMem_Free, instead of a borrowed buffer; NULL on failure',
    ),
  ),
  replace('PyUnicode_FromUnicode', way('PyUnicode_FromWideChar(p, size)', 'p must not be NULL')),
  replace('Py_UNICODE', way('wchar_t', 'the same type; for code points use Py_UCS4')),
  replace('Py_UNICODE_COPY', way('memcpy(target, source, length * sizeof(wchar_t))')),
  replace('Py_UNICODE_FILL', way('wmemset(target, value, length)')),
  ...family(
    {
      UTF7: 'PyUnicode_AsEncodedString(s, "utf-7", errors)',
      UTF8: 'PyUnicode_AsUTF8String(s)',
      UTF16: 'PyUnicode_AsUTF16String(s)',
      UTF32: 'PyUnicode_AsUTF32String(s)',
      ASCII: 'PyUnicode_AsASCIIString(s)',
      Latin1: 'PyUnicode_AsLatin1String(s)',
      UnicodeEscape: 'PyUnicode_AsUnicodeEscapeString(s)',
      RawUnicodeEscape: 'PyUnicode_AsRawUnicodeEscapeString(s)',
      Charmap: 'PyUnicode_AsCharmapString(s, mapping)',
    },
    (codec, call) =>
      replace(
        `PyUnicode_Encode${codec}`,
        way(
          call,
          'takes a str, made by PyUnicode_FromWideChar, instead of a wchar_t buffer; for other error handlers ' +
            'PyUnicode_AsEncodedString',
        ),
      ),
  ),
  replace(
    'PyUnicode_Encode',
    way(
      'PyUnicode_AsEncodedString(s, encoding, errors)',
      'takes a str, made by PyUnicode_FromWideChar, instead of a wchar_t buffer',
    ),
  ),
  replace(
    ['PyUnicode_AsEncodedObject', 'PyUnicode_AsEncodedUnicode'],
    way('PyCodec_Encode(s, encoding, errors)', 'encoding must not be NULL; the type of the result is not checked'),
  ),
  replace(
    ['PyUnicode_AsDecodedObject', 'PyUnicode_AsDecodedUnicode'],
    way('PyCodec_Decode(s, encoding, errors)', 'encoding must not be NULL; the type of the result is not checked'),
  ),
  replace(
    'PyUnicode_TranslateCharmap',
    way('PyUnicode_Translate(s, mapping, errors)', 'takes a str instead of a wchar_t buffer'),
  ),
  replace(
    'PyUnicode_InternImmortal',
    way('PyUnicode_InternInPlace(&s)', 'the string is not kept alive: own a reference'),
  ),
  withoutWay(
    ['PyUnicode_TransformDecimalToASCII', '_PyUnicode_TransformDecimalAndSpaceToASCII', 'PyUnicode_EncodeDecimal'],
    'no Limited API function does this; int and float accept such digits in a str, so call PyNumber_Long or ' +
      'PyFloat_FromString',
  ),
  replace('PyUnicode_ClearFreeList', [], 'delete the call: there is no such list any more'),
  replace('PyUnicode_GetMax', way('0x10FFFF', 'the same on every runtime')),
  replace(
    ['_PyUnicode_FromId', '_Py_IDENTIFIER', '_Py_Identifier', '_Py_static_string'],
    way(
      'PyUnicode_InternFromString("name")',
      'a new reference, made once in the exec function of the module and kept in its state',
    ),
  ),
  replace(
    ['_PyUnicode_EqualToASCIIString', '_PyUnicode_EqualToASCIIId'],
    [
      way('PyUnicode_EqualToUTF8(s, "text")', 'cannot fail for a str'),
      way('PyUnicode_CompareWithASCIIString(s, "text") == 0', 'cannot fail for a str'),
    ],
  ),
  replace(
    'PyUnicode_EqualToUTF8',
    way(
      'PyUnicode_CompareWithASCIIString(s, "text") == 0',
      'takes the text for Latin-1, so only for ASCII text the same',
    ),
  ),
  replace(
    'PyUnicode_EqualToUTF8AndSize',
    way(
      'PyUnicode_CompareWithASCIIString(s, "text") == 0',
      'takes the text for Latin-1, so only for ASCII text the same, and up to its null',
    ),
  ),
  replace(
    ['_PyUnicode_EQ', '_PyUnicode_Equal'],
    [
      way('PyUnicode_Equal(a, b)', '-1 with TypeError where one is no str'),
      way('PyUnicode_Compare(a, b) == 0', '-1 also means an error: test PyErr_Occurred where one may be no str'),
    ],
  ),
  replace(
    'PyUnicode_Equal',
    way('PyUnicode_Compare(a, b) == 0', '-1 also means an error: test PyErr_Occurred where one may be no str'),
  ),
  replace(
    '_PyUnicode_JoinArray',
    way('PyUnicode_Join(separator, list)', 'takes a sequence object instead of an array'),
  ),
  replace(
    '_PyUnicode_Copy',
    way('PyUnicode_FromObject(s)', 'the same str with a new reference unless it is of a subclass'),
  ),
  replace(
    '_PyUnicode_FromASCII',
    way('PyUnicode_FromStringAndSize(p, n)', 'decodes UTF-8, which for ASCII is the same'),
  ),
  replace('_PyUnicode_XStrip', way('PyObject_CallMethod(s, "strip", "O", chars)', 'lstrip and rstrip for one side')),
  replace(
    [
      'PyUnicodeWriter',
      'PyUnicodeWriter_Create',
      'PyUnicodeWriter_Discard',
      'PyUnicodeWriter_Finish',
      'PyUnicodeWriter_WriteChar',
      'PyUnicodeWriter_WriteStr',
      'PyUnicodeWriter_WriteUTF8',
      'PyUnicodeWriter_WriteASCII',
      'PyUnicodeWriter_WriteWideChar',
      'PyUnicodeWriter_WriteUCS4',
      'PyUnicodeWriter_WriteRepr',
      'PyUnicodeWriter_WriteSubstring',
      'PyUnicodeWriter_Format',
      'PyUnicodeWriter_DecodeUTF8Stateful',
      '_PyUnicodeWriter',
      '_PyUnicodeWriter_Init',
      '_PyUnicodeWriter_Prepare',
      '_PyUnicodeWriter_PrepareInternal',
      '_PyUnicodeWriter_WriteChar',
      '_PyUnicodeWriter_WriteStr',
      '_PyUnicodeWriter_WriteSubstring',
      '_PyUnicodeWriter_WriteASCIIString',
      '_PyUnicodeWriter_WriteLatin1String',
      '_PyUnicodeWriter_Finish',
      '_PyUnicodeWriter_Dealloc',
    ],
    writer,
  ),

  ...family(
    {
      ISSPACE: 'isspace',
      ISALPHA: 'isalpha',
      ISALNUM: 'isalnum',
      ISDIGIT: 'isdigit',
      ISDECIMAL: 'isdecimal',
      ISNUMERIC: 'isnumeric',
      ISLOWER: 'islower',
      ISUPPER: 'isupper',
      ISTITLE: 'istitle',
      ISPRINTABLE: 'isprintable',
    },
    (macro, method) =>
      replace(
        `Py_UNICODE_${macro}`,
        way(
          `PyObject *s = PyUnicode_FromOrdinal(c); PyObject *r = PyObject_CallMethod(s, "${method}", NULL)`,
          'slow, and s and r are new references; the C library has no function with the same answer in every locale',
        ),
      ),
  ),
  ...family({ TOLOWER: 'lower', TOUPPER: 'upper', TOTITLE: 'title' }, (macro, method) =>
    replace(
      `Py_UNICODE_${macro}`,
      way(
        `PyObject *s = PyUnicode_FromOrdinal(c); PyObject *r = PyObject_CallMethod(s, "${method}", NULL)`,
        'slow, and s and r are new references; maps fully, so the result may have more than one character',
      ),
    ),
  ),
  ...family(
    {
      IS_SURROGATE: '(0xD800 <= (c) && (c) <= 0xDFFF)',
      IS_HIGH_SURROGATE: '(0xD800 <= (c) && (c) <= 0xDBFF)',
      IS_LOW_SURROGATE: '(0xDC00 <= (c) && (c) <= 0xDFFF)',
      HIGH_SURROGATE: '(0xD800 - (0x10000 >> 10) + ((c) >> 10))',
      LOW_SURROGATE: '(0xDC00 + ((c) & 0x3FF))',
      JOIN_SURROGATES: '(0x10000 + (((high) & 0x3FF) << 10 | ((low) & 0x3FF)))',
    },
    (macro, expression) => replace(`Py_UNICODE_${macro}`, way(expression, 'a macro of your own')),
  ),
  ...family(
    {
      ISSPACE: 'isspace',
      ISALPHA: 'isalpha',
      ISALNUM: 'isalnum',
      ISDIGIT: 'isdigit',
      ISXDIGIT: 'isxdigit',
      ISLOWER: 'islower',
      ISUPPER: 'isupper',
      TOLOWER: 'tolower',
      TOUPPER: 'toupper',
    },
    (macro, call) =>
      replace(
        `Py_${macro}`,
        way(`${call}((unsigned char)c)`, 'depends on the locale, as the macro did not; include <ctype.h> yourself'),
      ),
  ),
  replace('Py_hexdigits', way('static const char hexdigits[] = "0123456789abcdef"', 'a constant of your own')),
]
