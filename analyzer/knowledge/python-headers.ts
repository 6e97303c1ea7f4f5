import { type Minor, newest } from './version.ts'

/**
 * Headers of CPython that `Python.h` does not stand for. Source: each was compiled behind `Python.h`, with the headers
 * of 3.9, 3.11, 3.13, 3.14 and 3.15, at the lowest level and the highest and for abi3t; the internal ones with
 * `Py_BUILD_CORE`.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** The internal headers that compile with the Limited API all the same, up to the headers of some version. */
const open: readonly { readonly upTo: Minor; readonly names: ReadonlySet<string> }[] = [
  {
    upTo: 9,
    names: words(`accu atomic bytes_methods byteswap call code condvar dtoa gc getopt gil hamt hashtable import pyhash
      sysmodule traceback tupleobject`),
  },
  {
    upTo: 12,
    names: words(`accu asdl ast ast_state atomic atomic_funcs bitutils blocks_output_buffer bytes_methods condvar dtoa
      emscripten_signal fileutils format gc getopt gil hamt hashtable import interpreteridobject moduleobject namespace
      opcode pyarena pyhash pymath signal sliceobject strhex structseq sysmodule traceback ucnhash unionobject
      warnings`),
  },
  { upTo: newest, names: words('bytes_methods emscripten_signal import uop_ids uop_metadata') },
]

/**
 * Those that do from the headers of 3.13 on where `Py_BUILD_CORE` is defined behind `Python.h`, at every level and in
 * C++ as well: it makes another thing of `Python.h`, and what these headers need is declared all the same.
 */
const openBehind = {
  always:
    words(`asdl ast bitutils bytes_methods c_array capsule condvar debug_offsets emscripten_signal faulthandler format
  freelist_state getopt gil global_objects_fini_generated hashtable import importdl intrinsics jit_publish
  jit_unwind lazyimportobject llist magic_number namespace obmalloc_init opcode_metadata opcode_utils pyarena
  pyatomic_ft_wrappers pyhash pymem_init pystats pythread signal sliceobject strhex structseq sysmodule template
  token traceback typedefs ucnhash unicodectype unionobject uop uop_ids uop_metadata`),
  upTo13: words('backoff bytesobject descrobject fileutils hamt jit moduleobject range stackref typevarobject'),
  upTo14:
    words(`brc bytesobject ceval_state descrobject emscripten_trampoline frame global_objects index_pool modsupport
    moduleobject object_stack range uniqueid`),
  newest: words('ceval_state emscripten_trampoline global_objects modsupport object_stack'),
}

/** Headers in `cpython/` that compile in no build but by way of those that include them. */
const partial =
  words(`abstract audit bytearrayobject bytesobject ceval compile complexobject critical_section descrobject
  dictobject fileobject fileutils floatobject frameobject import interpreteridobject listobject lock longobject marshal
  memoryobject methodobject modsupport object objimpl pthread_stubs pyatomic pyatomic_gcc pyatomic_msc pyatomic_std
  pyerrors pyframe pyhash pylifecycle pymem pystate pystats pythonrun pythread setobject sliceobject structseq sysmodule
  traceback tupleobject unicodeobject warnings weakrefobject`)

/**
 * Headers that 3.9 has beside `Python.h` and 3.11 has not, but for those whose names others have as well (`code.h`,
 * `node.h`): they went to `cpython/` or `internal/`, or away.
 */
const moved = words(`Python-ast cellobject classobject funcobject genobject interpreteridobject longintrepr
  namespaceobject odictobject picklebufobject pyarena pyctype pydebug pyfpe pytime ucnhash`)

/** A header of CPython's own making, by the path that includes it: `internal/pycore_frame.h`, `pycore_frame.h`. */
const internalHeader = /(?:^|\/)pycore_(\w+)\.h$/

/** Whether a path is that of a header of CPython's own making, which declares what no level has. */
export const isInternalHeader = (path: string): boolean => internalHeader.test(path)

/**
 * What a header of CPython is, by the path that includes it; null for one that compiles, or is none of CPython's.
 * @param headers the Python that it is of
 * @param isCoreLate whether `Py_BUILD_CORE` is defined behind `Python.h`
 */
export function closedHeader(
  path: string,
  headers: Minor,
  isCoreLate: boolean,
): 'internal' | 'partial' | 'moved' | null {
  const internal = internalHeader.exec(path)?.[1]
  if (internal !== undefined) return isOpen(internal, headers, isCoreLate) ? null : 'internal'
  const outer = /^([\w-]+)\.h$/.exec(path)?.[1]
  if (outer !== undefined && moved.has(outer) && headers >= 11) return 'moved'
  const part = /^cpython\/(\w+)\.h$/.exec(path)?.[1]
  return part !== undefined && partial.has(part) ? 'partial' : null
}

function isOpen(internal: string, headers: Minor, isCoreLate: boolean): boolean {
  if (open.find(({ upTo }) => headers <= upTo)?.names.has(internal)) return true
  if (!isCoreLate || headers < 13) return false
  const { always, upTo13, upTo14, newest } = openBehind
  return always.has(internal) || (headers < 14 ? upTo13 : headers < 15 ? upTo14 : newest).has(internal)
}

/** The macros by which `Python.h` tells what it is: none of them is there before. */
export const ownMacros: ReadonlySet<string> = new Set([
  'PY_VERSION_HEX',
  'PY_MAJOR_VERSION',
  'PY_MINOR_VERSION',
  'PY_MICRO_VERSION',
  'Py_PYTHON_H',
])
