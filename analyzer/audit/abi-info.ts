import { type Minor, showVersion } from '../knowledge/version.ts'
import type { AbiInfo } from './image.ts'

/** The flags of `PyABIInfo`. */
export const flag = { stable: 1, gil: 2, freeThreaded: 4, internal: 8 } as const

/** The oldest Python that a `PyABIInfo` of a stable ABI is for; null where it is for one Python, or does not say. */
export const levelOf = ({ flags, version }: AbiInfo): Minor | null =>
  (flags & flag.stable) === 0 || version === 0 ? null : (version >>> 16) & 0xff

/** Whether it says that the module works without the GIL and with a stable ABI. */
export const isAbi3t = ({ flags }: AbiInfo): boolean => (flags & flag.stable) !== 0 && (flags & flag.freeThreaded) !== 0

/** For people: `abi3t from 3.15 on`. */
export function showAbiInfo(info: AbiInfo): string {
  const { flags, version } = info
  const pythons =
    (flags & flag.freeThreaded) === 0 ? 'abi3' : (flags & flag.gil) === 0 ? 'abi3t without the GIL' : 'abi3t'
  const minor = version === 0 ? null : showVersion((version >>> 16) & 0xff)
  if ((flags & flag.stable) === 0) return minor === null ? 'one Python' : `CPython ${minor} alone`
  return minor === null ? pythons : `${pythons} from ${minor} on`
}
