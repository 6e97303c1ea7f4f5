import { aliases } from './build.ts'
import type { Shim } from './shim.ts'

/** What is asked, by which method of str, what is so of ASCII, and the function behind the macro. */
const questions = [
  ['ISSPACE', 'isspace', "ch == ' ' || (ch >= 0x09 && ch <= 0x0D) || (ch >= 0x1C && ch <= 0x1F)", 'IsWhitespace'],
  ['ISALPHA', 'isalpha', "(ch | 0x20) >= 'a' && (ch | 0x20) <= 'z'", 'IsAlpha'],
  ['ISDECIMAL', 'isdecimal', "ch >= '0' && ch <= '9'", 'IsDecimalDigit'],
  ['ISDIGIT', 'isdigit', "ch >= '0' && ch <= '9'", 'IsDigit'],
  ['ISNUMERIC', 'isnumeric', "ch >= '0' && ch <= '9'", 'IsNumeric'],
  ['ISALNUM', 'isalnum', "((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') || (ch >= '0' && ch <= '9')", null],
  ['ISLOWER', 'islower', "ch >= 'a' && ch <= 'z'", 'IsLowercase'],
  ['ISUPPER', 'isupper', "ch >= 'A' && ch <= 'Z'", 'IsUppercase'],
  ['ISPRINTABLE', 'isprintable', 'ch >= 0x20 && ch < 0x7F', 'IsPrintable'],
] as const

/** Which case, the method of str, what becomes of ASCII, and the function behind the macro. */
const cases = [
  ['TOLOWER', 'lower', "ch >= 'A' && ch <= 'Z' ? ch + 32 : ch", 'ToLowercase'],
  ['TOUPPER', 'upper', "ch >= 'a' && ch <= 'z' ? ch - 32 : ch", 'ToUppercase'],
  ['TOTITLE', 'title', "ch >= 'a' && ch <= 'z' ? ch - 32 : ch", 'ToTitlecase'],
] as const

/** Which number, the type of it, the function of `unicodedata`, and the function behind the macro. */
const numbers = [
  ['TODECIMAL', 'int', 'decimal', 'ToDecimalDigit'],
  ['TODIGIT', 'int', 'digit', 'ToDigit'],
  ['TONUMERIC', 'double', 'numeric', 'ToNumeric'],
] as const

/** Aliases of the macros, for builds without the Limited API. */
const real = (names: readonly string[]): string =>
  aliases(Object.fromEntries(names.map((name) => [`Pep_UNICODE_${name}`, `Py_UNICODE_${name}`])))

const all = (names: readonly string[]): [string, ...string[]] => names as [string, ...string[]]
const macros = (rows: readonly (readonly [string, ...unknown[]])[]): string[] =>
  rows.map(([name]) => `Py_UNICODE_${name}`)

const call = String.raw`
/* What a method of str gives of one character: a new reference, or NULL with an exception. */
static inline PyObject *Pep_UNICODE_Call(Py_UCS4 ch, const char *method)
{
    PyObject *result = NULL, *text = PyUnicode_FromOrdinal((int)ch);
    if (text != NULL) {
        result = PyObject_CallMethod(text, method, NULL);
        Py_DECREF(text);
    }
    return result;
}
`

const ask = String.raw`
static inline int Pep_UNICODE_Ask(Py_UCS4 ch, const char *method)
{
    PyObject *type, *value, *traceback, *answer;
    if (ch > 0x10FFFF) {
        return 0;
    }
    PyErr_Fetch(&type, &value, &traceback);
    answer = Pep_UNICODE_Call(ch, method);
    if (answer == NULL) {
        PyErr_WriteUnraisable(NULL);
    }
    Py_XDECREF(answer); /* True and False stay */
    PyErr_Restore(type, value, traceback);
    return answer == Py_True;
}
${questions
  .map(
    ([name, method, ascii]) => `
static inline int Pep_UNICODE_${name}(Py_UCS4 ch)
{
    return ch < 128 ? (${ascii}) : Pep_UNICODE_Ask(ch, "${method}");
}
`,
  )
  .join('')}
/* str.istitle is also true of one capital letter. */
static inline int Pep_UNICODE_ISTITLE(Py_UCS4 ch)
{
    return ch >= 128 && Pep_UNICODE_Ask(ch, "istitle") && !Pep_UNICODE_Ask(ch, "isupper");
}
`

const convert = String.raw`
static inline Py_UCS4 Pep_UNICODE_Convert(Py_UCS4 ch, const char *method)
{
    PyObject *type, *value, *traceback, *text;
    Py_UCS4 result = (Py_UCS4)-1;
    if (ch > 0x10FFFF) {
        return ch;
    }
    PyErr_Fetch(&type, &value, &traceback);
    text = Pep_UNICODE_Call(ch, method);
    if (text != NULL) {
        result = PyUnicode_ReadChar(text, 0); /* of several the first, as the real ones */
        Py_DECREF(text);
    }
    if (result == (Py_UCS4)-1) {
        PyErr_WriteUnraisable(NULL);
        result = ch;
    }
    PyErr_Restore(type, value, traceback);
    return result;
}
${cases
  .map(
    ([name, method, ascii]) => `
static inline Py_UCS4 Pep_UNICODE_${name}(Py_UCS4 ch)
{
    return ch < 128 ? (${ascii}) : Pep_UNICODE_Convert(ch, "${method}");
}
`,
  )
  .join('')}`

const number = String.raw`
/* key is that of a function of unicodedata, which is given -1 for what has no such number. */
static inline double Pep_UNICODE_Number(Py_UCS4 ch, const char *key)
{
    PyObject *type, *value, *traceback, *function, *text, *found = NULL;
    double result = -1.0;
    if (ch < 128 || ch > 0x10FFFF) {
        return ch >= '0' && ch <= '9' ? (double)(ch - '0') : -1.0;
    }
    PyErr_Fetch(&type, &value, &traceback);
    function = PepInterpreter_Import(key);
    text = function != NULL ? PyUnicode_FromOrdinal((int)ch) : NULL;
    if (text != NULL) {
        found = PyObject_CallFunction(function, "(Oi)", text, -1);
    }
    if (found != NULL) {
        result = PyFloat_AsDouble(found);
    }
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(NULL);
    }
    Py_XDECREF(found);
    Py_XDECREF(text);
    Py_XDECREF(function);
    PyErr_Restore(type, value, traceback);
    return result;
}
${numbers
  .map(([name, type, method]) => {
    const call = `Pep_UNICODE_Number(ch, "pep:unicodedata.${method}")`
    return `
static inline ${type} Pep_UNICODE_${name}(Py_UCS4 ch)
{
    return ${type === 'int' ? `(int)${call}` : call};
}
`
  })
  .join('')}`

/** What is known of characters: the part of unicodeobject.h that Objects/unicodectype.c has the functions of. */
export const unicodectype: readonly Shim[] = [
  {
    provides: ['Pep_UNICODE_Call'],
    replaces: [],
    until: null,
    since: 2,
    differs: 'For other shims: a method of str, called on one character.',
    cost: 'a str and a call',
    limited: call,
    full: call,
  },
  {
    provides: all([...questions.map(([name]) => `Pep_UNICODE_${name}`), 'Pep_UNICODE_ISTITLE', 'Pep_UNICODE_Ask']),
    replaces: [
      ...macros(questions),
      'Py_UNICODE_ISTITLE',
      ...questions.flatMap(([, , , behind]) => (behind === null ? [] : `_PyUnicode_${behind}`)),
      '_PyUnicode_IsTitlecase',
    ],
    until: null,
    since: 2,
    differs:
      'Of other characters than ASCII they ask str, for which the thread has to be attached. 0 where memory runs ' +
      'out, which is reported as unraisable.',
    cost: 'none for ASCII; else a str and a call, for ISTITLE two',
    limited: ask,
    full: real([...questions.map(([name]) => name), 'ISTITLE']),
  },
  {
    provides: ['Pep_UNICODE_ISLINEBREAK'],
    replaces: ['Py_UNICODE_ISLINEBREAK', '_PyUnicode_IsLinebreak'],
    until: null,
    since: 2,
    differs: '',
    cost: 'none',
    limited: String.raw`
static inline int Pep_UNICODE_ISLINEBREAK(Py_UCS4 ch)
{
    return (ch >= 0x0A && ch <= 0x0D) || (ch >= 0x1C && ch <= 0x1E) || ch == 0x85 || ch == 0x2028 || ch == 0x2029;
}
`,
    full: real(['ISLINEBREAK']),
  },
  {
    provides: all([...cases.map(([name]) => `Pep_UNICODE_${name}`), 'Pep_UNICODE_Convert']),
    replaces: [...macros(cases), ...cases.map(([, , , behind]) => `_PyUnicode_${behind}`)],
    until: null,
    since: 3,
    differs:
      'Of other characters than ASCII they ask str, for which the thread has to be attached. The character itself ' +
      'where memory runs out, which is reported as unraisable.',
    cost: 'none for ASCII; else two str and a call',
    limited: convert,
    full: real(cases.map(([name]) => name)),
  },
  {
    provides: all([...numbers.map(([name]) => `Pep_UNICODE_${name}`), 'Pep_UNICODE_Number']),
    replaces: [...macros(numbers), ...numbers.map(([, , , behind]) => `_PyUnicode_${behind}`)],
    until: null,
    since: 2,
    differs:
      'Of other characters than ASCII they ask `unicodedata`, for which the thread has to be attached. -1 where ' +
      'memory runs out or that cannot be imported, which is reported as unraisable.',
    cost: 'none for ASCII; else a lookup in a dict, a str and a call',
    limited: number,
    full: real(numbers.map(([name]) => name)),
  },
]
