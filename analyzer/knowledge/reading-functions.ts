/** What functions of the C library and of CPython do with the data that they get a pointer to. */
export interface Reading {
  /** Which operands point to what is only read, from 0. */
  readonly operands: readonly number[]
  /** Whether what it gives points into what the first of them points to. */
  readonly givesBack: boolean
}

/** The functions by name, each with the operands that it has as pointers to `const`. */
const only: Readonly<Record<string, readonly number[]>> = {
  memcmp: [0, 1],
  memcpy: [1],
  memmove: [1],
  strcmp: [0, 1],
  strncmp: [0, 1],
  strlen: [0],
  strnlen: [0],
  strcpy: [1],
  strncpy: [1],
  strspn: [0, 1],
  strcspn: [0, 1],
  fwrite: [0],
  fputs: [0],
  PyUnicode_READ: [1],
  PyUnicode_FromString: [0],
  PyUnicode_FromStringAndSize: [0],
  PyUnicode_FromKindAndData: [1],
  PyUnicode_DecodeASCII: [0],
  PyUnicode_DecodeLatin1: [0],
  PyUnicode_DecodeUTF8: [0],
  PyBytes_FromString: [0],
  PyBytes_FromStringAndSize: [0],
  PyByteArray_FromStringAndSize: [0],
  PyOS_string_to_double: [0],
  PyUnicodeWriter_WriteASCII: [1],
  PyUnicodeWriter_WriteUTF8: [1],
  PyUnicode_CompareWithASCIIString: [1],
  PyUnicode_EqualToUTF8: [1],
  PyUnicode_EqualToUTF8AndSize: [1],
}

/** Those that look for something in what they get, and give a pointer to it that is not to `const`. */
const finders: readonly string[] = ['memchr', 'memrchr', 'strchr', 'strrchr', 'strstr', 'strpbrk']

const known: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ...Object.entries(only).map(([name, operands]): [string, Reading] => [name, { operands, givesBack: false }]),
  ...finders.map((name): [string, Reading] => [name, { operands: [0], givesBack: true }]),
])

/** What a function of the C library, or of CPython, only reads; null for one of which that is not known. */
export const readingOf = (name: string): Reading | null => known.get(name) ?? null
