import type { Severity } from '../check/diagnostic.ts'
import { oldestAbi3t, showVersion } from '../knowledge/version.ts'
import { flag, levelOf, showAbiInfo } from './abi-info.ts'
import type { Claim } from './claim.ts'
import type { FoundImport, LibraryFault } from './finding.ts'
import type { AbiInfo, Image, TypeSize } from './image.ts'

/** What the images of a library say in their data, each once. */
export function dataOf(images: readonly Image[]): {
  readonly abi: readonly AbiInfo[]
  readonly types: readonly TypeSize[]
} {
  const once = <T>(all: readonly T[]): T[] => [...new Map(all.map((each) => [JSON.stringify(each), each])).values()]
  return { abi: once(images.flatMap(({ data }) => data.abi)), types: once(images.flatMap(({ data }) => data.types)) }
}

/**
 * What is wrong with what a module says of its ABI in `Py_mod_abi`, which CPython compares with itself before anything
 * of the module runs (`PyABIInfo_Check`).
 */
export function abiInfoFindings(images: readonly Image[], claim: Claim): LibraryFault[] {
  return dataOf(images).abi.flatMap((info): LibraryFault[] => {
    const { flags, version } = info
    const fault = (message: string, advice: string): LibraryFault => ({
      rule: 'wrong-abi-info',
      severity: 'error',
      symbol: 'Py_mod_abi',
      since: null,
      message: `\`Py_mod_abi\` says that the module ${message}`,
      advice,
      notes: [`its PyABIInfo has the flags 0x${flags.toString(16)} and the version 0x${version.toString(16)}`],
    })
    const rebuild = 'let `PyABIInfo_VAR` write it, and build anew'
    if ((flags & flag.internal) !== 0)
      return [fault('uses internals of one CPython, and others refuse it', 'do not define Py_BUILD_CORE')]
    if ((flags & flag.stable) === 0)
      return version === 0
        ? []
        : [
            fault(
              `is for ${showAbiInfo(info)}, and more is claimed (${claim.source})`,
              `${rebuild} with ${macroOf(claim)}`,
            ),
          ]
    const onlyGil = (flags & flag.gil) !== 0 && (flags & flag.freeThreaded) === 0
    const onlyFree = (flags & flag.gil) === 0 && (flags & flag.freeThreaded) !== 0
    const level = levelOf(info)
    return [
      ...(claim.abis.includes('abi3t') && onlyGil
        ? [fault('needs the GIL, and Pythons without it refuse to import it', `${rebuild} with Py_TARGET_ABI3T`)]
        : []),
      ...(claim.abis.includes('abi3') && onlyFree
        ? [
            fault(
              'does without the GIL alone, and Pythons with it refuse to import it',
              `${rebuild} with Py_TARGET_ABI3T`,
            ),
          ]
        : []),
      ...(claim.level !== null && level !== null && level > Math.max(claim.level, oldestAbi3t)
        ? [
            fault(
              `needs CPython ${showVersion(level)}, and ${showVersion(claim.level)} is claimed (${claim.source})`,
              `claim ${showVersion(level)}, or build it with a lower level`,
            ),
          ]
        : []),
    ]
  })
}

const macroOf = ({ abis }: Claim): string => (abis.includes('abi3t') ? 'Py_TARGET_ABI3T' : 'Py_LIMITED_API')

/**
 * What in a module for abi3t was made for another layout of `PyObject` than that of the Python that imports it: the
 * names that it imports are those of abi3, so they do not tell.
 * @param entries the `PyInit_` and `PyModExport_` names it exports
 */
export function layoutFindings(
  images: readonly Image[],
  imports: readonly FoundImport[],
  claim: Claim,
  entries: ReadonlySet<string>,
): LibraryFault[] {
  if (!claim.abis.includes('abi3t')) return []
  const names = [...entries]
  // With both functions a binary may have code of its own for Pythons that do not know abi3t.
  const isForBoth = (['PyInit', 'PyModExport'] as const).every((kind) => names.some((each) => each.startsWith(kind)))
  const severity: Severity = isForBoth ? 'warning' : 'error'
  const notes = isForBoth ? ['it may be that only Pythons that call `PyInit_` come to this'] : []
  const fault = (symbol: string, message: string, advice: string): LibraryFault => ({
    rule: 'object-layout',
    severity,
    symbol,
    since: null,
    message,
    advice,
    notes,
  })
  const isInlined = imports.some(({ name }) => name === '_Py_Dealloc')
  return [
    ...(isInlined
      ? [
          fault(
            '_Py_Dealloc',
            'it counts references in place (it imports `_Py_Dealloc`), where Pythons without the GIL count otherwise',
            'define Py_TARGET_ABI3T for every source, and build anew: then `Py_DECREF` is a call',
          ),
        ]
      : []),
    ...dataOf(images)
      .types.filter(({ size }) => size > 0)
      .map(({ name, size }) =>
        fault(
          '',
          `instances of \`${name}\` have ${size} bytes, counted with a \`PyObject\` whose size abi3t leaves open`,
          'give the size of what is added alone, as a negative number, and get that by `PyObject_GetTypeData`',
        ),
      ),
  ]
}
