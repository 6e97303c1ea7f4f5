import { type Minor, showVersionHex } from '../../knowledge/version.ts'
import type { LimitRequest } from './limited-file.ts'

/** A stable ABI of a level, by the names that builds have for it. */
export interface StableAbi {
  /** The macro that sources are compiled with. */
  readonly macro: 'Py_LIMITED_API' | 'Py_TARGET_ABI3T'
  /** What the macro is defined to: `0x030F0000`. */
  readonly value: string
  /** What setuptools is given for the tag of the wheel: `cp315`. */
  readonly python: string
  /** The tags of the wheel: `cp315-abi3.abi3t`. Source: PEP 803. */
  readonly wheel: string
  /** What the files of modules end in. */
  readonly suffix: '.abi3.so' | '.abi3t.so'
}

/** The stable ABI that is asked for. */
export const stableAbi = ({ level, abi3t }: LimitRequest): StableAbi => (abi3t === true ? abi3tOf : abi3Of)(level)

const abi3Of = (level: Minor): StableAbi => ({
  macro: 'Py_LIMITED_API',
  value: showVersionHex(level),
  python: `cp3${level}`,
  wheel: `cp3${level}-abi3`,
  suffix: '.abi3.so',
})

const abi3tOf = (level: Minor): StableAbi => ({
  macro: 'Py_TARGET_ABI3T',
  value: showVersionHex(level),
  python: `cp3${level}`,
  wheel: `cp3${level}-abi3.abi3t`,
  suffix: '.abi3t.so',
})
