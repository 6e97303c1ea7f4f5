import { aliases } from './build.ts'
import type { Shim } from './shim.ts'

/** What asks what a character is, and the bits of CPython's table that it asks for. */
const classes = [
  ['ISLOWER', 0x01],
  ['ISUPPER', 0x02],
  ['ISALPHA', 0x03],
  ['ISDIGIT', 0x04],
  ['ISXDIGIT', 0x10],
  ['ISALNUM', 0x07],
  ['ISSPACE', 0x08],
] as const

const real = (names: readonly string[]): string =>
  aliases(Object.fromEntries(names.map((name) => [`Pep_${name}`, `Py_${name}`])))

const tests = classes.map(([name, bits]) => `#define Pep_${name}(c) (Pep_CType(Py_CHARMASK(c)) & ${bits})`).join('\n')

const [first, ...others] = classes.map(([name]) => name)

/** pyctype.h: characters of ASCII, whatever the locale */
export const pyctype: readonly Shim[] = [
  {
    provides: [`Pep_${first!}`, ...others.map((name) => `Pep_${name}`), 'Pep_CType'],
    replaces: classes.map(([name]) => `Py_${name}`),
    until: null,
    since: 2,
    differs: '',
    cost: 'some comparisons',
    limited: String.raw`
static inline unsigned int Pep_CType(unsigned char c)
{
    unsigned int hexadecimal = ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) ? 0x10 : 0;
    return c >= 'a' && c <= 'z' ? 0x01 | hexadecimal
         : c >= 'A' && c <= 'Z' ? 0x02 | hexadecimal
         : c >= '0' && c <= '9' ? 0x14
         : c == ' ' || (c >= '\t' && c <= '\r') ? 0x08 : 0;
}
${tests}
`,
    full: real(classes.map(([name]) => name)),
  },
  {
    provides: ['Pep_TOLOWER', 'Pep_TOUPPER', 'Pep_ToLower', 'Pep_ToUpper'],
    replaces: ['Py_TOLOWER', 'Py_TOUPPER'],
    until: null,
    since: 2,
    differs: '',
    cost: 'two comparisons',
    limited: String.raw`
static inline unsigned char Pep_ToLower(unsigned char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static inline unsigned char Pep_ToUpper(unsigned char c)
{
    return (unsigned char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}
#define Pep_TOLOWER(c) Pep_ToLower(Py_CHARMASK(c))
#define Pep_TOUPPER(c) Pep_ToUpper(Py_CHARMASK(c))
`,
    full: real(['TOLOWER', 'TOUPPER']),
  },
]

/** codecs.h */
export const codecs: readonly Shim[] = [
  {
    provides: ['Pep_hexdigits'],
    replaces: ['Py_hexdigits'],
    until: null,
    since: 2,
    differs: 'A string and no variable: its address cannot be taken.',
    cost: 'none',
    limited: '#define Pep_hexdigits ((const char *)"0123456789abcdef")',
    full: real(['hexdigits']),
  },
]
