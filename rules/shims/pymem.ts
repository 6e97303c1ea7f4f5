import { aliases } from './build.ts'
import type { Shim } from './shim.ts'

/** pymem.h */
export const pymem: readonly Shim[] = [
  {
    provides: ['PepMem_RawMalloc', 'PepMem_RawCalloc', 'PepMem_RawRealloc', 'PepMem_RawFree'],
    replaces: ['PyMem_RawMalloc', 'PyMem_RawCalloc', 'PyMem_RawRealloc', 'PyMem_RawFree'],
    until: 13,
    since: 2,
    differs:
      "The C library's allocator: memory that CPython itself allocated with `PyMem_RawMalloc`, as `Py_DecodeLocale` " +
      'does, must not be given to it.',
    cost: 'none',
    includes: ['<stdlib.h>'],
    limited: String.raw`
static inline void *PepMem_RawMalloc(size_t size)
{
    return size > (size_t)PY_SSIZE_T_MAX ? NULL : malloc(size > 0 ? size : 1);
}

static inline void *PepMem_RawCalloc(size_t count, size_t size)
{
    if (size > 0 && count > (size_t)PY_SSIZE_T_MAX / size) {
        return NULL;
    }
    return count > 0 && size > 0 ? calloc(count, size) : calloc(1, 1);
}

static inline void *PepMem_RawRealloc(void *memory, size_t size)
{
    return size > (size_t)PY_SSIZE_T_MAX ? NULL : realloc(memory, size > 0 ? size : 1);
}

static inline void PepMem_RawFree(void *memory)
{
    free(memory);
}
`,
    full: aliases({
      PepMem_RawMalloc: 'PyMem_RawMalloc',
      PepMem_RawCalloc: 'PyMem_RawCalloc',
      PepMem_RawRealloc: 'PyMem_RawRealloc',
      PepMem_RawFree: 'PyMem_RawFree',
    }),
  },
]
