import { abstract } from './abstract.ts'
import { code, frameobject, genobject } from './code.ts'
import { context } from './context.ts'
import { core } from './core.ts'
import { criticalsection } from './criticalsection.ts'
import { datetime } from './datetime.ts'
import { descrobject } from './descrobject.ts'
import { dictobject } from './dictobject.ts'
import { floatpack } from './floatpack.ts'
import { classobject, funcobject, methodobject } from './funcobject.ts'
import { identifier } from './identifier.ts'
import { bytesobject, floatobject, listobject, tupleobject } from './listobject.ts'
import { complexobject, longobject, pyhash } from './longobject.ts'
import { methods } from './methods.ts'
import { constantsAndVersion, imports, moduleobject } from './moduleobject.ts'
import { object } from './object.ts'
import { objectstructs } from './objectstructs.ts'
import { codecs, pyctype } from './pyctype.ts'
import { pyerrors, pystate } from './pyerrors.ts'
import { pymem } from './pymem.ts'
import { pydebug, pythonrun } from './pythonrun.ts'
import type { Shim } from './shim.ts'
import { sliceobject } from './sliceobject.ts'
import { trashcan } from './trashcan.ts'
import { typefields } from './typefields.ts'
import { typeobject } from './typeobject.ts'
import { typeobjects } from './typeobjects.ts'
import { typespec } from './typespec.ts'
import { unicodebuffer } from './unicodebuffer.ts'
import { unicodectype } from './unicodectype.ts'
import { unicodeobject } from './unicodeobject.ts'
import { memoryobject, weakrefobject } from './weakrefobject.ts'

/** All shims by the header of CPython's that has the real things; what they share comes last. */
export const shimsByHeader: ReadonlyMap<string, readonly Shim[]> = new Map([
  ['abstract.h', abstract],
  ['bytesobject.h', bytesobject],
  ['classobject.h', classobject],
  ['code.h', code],
  ['codecs.h', codecs],
  ['complexobject.h', complexobject],
  ['context.h', context],
  ['critical_section.h', criticalsection],
  ['datetime.h', datetime],
  ['descrobject.h', descrobject],
  ['dictobject.h', dictobject],
  ['floatobject.h', [...floatobject, ...floatpack]],
  ['frameobject.h, traceback.h', frameobject],
  ['funcobject.h', funcobject],
  ['genobject.h, cellobject.h', genobject],
  ['import.h', imports],
  ['listobject.h', listobject],
  ['longobject.h', longobject],
  ['memoryobject.h', memoryobject],
  ['methodobject.h', [...methodobject, ...methods]],
  ['moduleobject.h, modsupport.h', moduleobject],
  ['object.h', [...object, ...identifier, ...trashcan, ...typefields, ...typeobject, ...typespec]],
  ['object.h and pylifecycle.h: constants, the version', constantsAndVersion],
  ['pyctype.h', pyctype],
  ['pydebug.h', pydebug],
  ['pyerrors.h', pyerrors],
  ['pyhash.h', pyhash],
  ['pymem.h', pymem],
  ['pystate.h', pystate],
  ['pythonrun.h', pythonrun],
  ['sliceobject.h', sliceobject],
  ['tupleobject.h', tupleobject],
  ['unicodeobject.h', [...unicodeobject, ...unicodebuffer, ...unicodectype]],
  ['weakrefobject.h', weakrefobject],
  ['structs that types with another base than `object` begin with', objectstructs],
  ['types without a Limited API name', typeobjects],
  ['what the shims share', core],
])

/** All shims, those of one header together. */
export const shimList: readonly Shim[] = [...shimsByHeader.values()].flat()

/** All shims by every name that they define. */
export const shims: ReadonlyMap<string, Shim> = new Map(
  shimList.flatMap((shim) => shim.provides.map((name) => [name, shim] as const)),
)
