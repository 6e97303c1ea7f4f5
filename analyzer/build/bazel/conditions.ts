import type { Value } from '../script/values.ts'
import type { BazelOptions } from './options.ts'
import { type BazelTarget, labelled } from './run.ts'

/** Finds a target by a label and the directory that it stands in; null for none that was read. */
export type FindTarget = (label: string, from: string) => BazelTarget | null

/** Settings that depend on each other are followed so deep. */
const deepest = 10

/** What is told of conditions that a project declares, in a build that is told no more than `.bazelrc` says. */
export class Conditions {
  constructor(
    private readonly find: FindTarget,
    private readonly options: BazelOptions,
  ) {}

  /** Whether a condition of `select` holds; null where that is not known. */
  holds(label: string, from: string, depth = 0): boolean | null {
    const platform = ofPlatform(label)
    if (platform !== undefined) return platform
    const target = depth < deepest ? this.find(label, from) : null
    if (target === null) return null
    const { given, directory, rule } = target
    const labels = (name: string): readonly (boolean | null)[] => {
      const value = given.named.get(name)
      if (value === undefined) return []
      if (value.kind !== 'list' || value.open !== null || value.perhaps.length > 0) return [null]
      return value.items.map((each) => (each.kind === 'string' ? this.holds(each.value, directory, depth + 1) : null))
    }
    if (given.open !== null) return null
    if (rule === 'alias') {
      const actual = given.named.get('actual')
      return actual?.kind === 'string' ? this.holds(actual.value, directory, depth + 1) : null
    }
    if (rule === 'config_setting_group')
      return given.named.has('match_any') ? any(labels('match_any')) : all(labels('match_all'))
    if (rule !== 'config_setting') return null
    return all([
      ...labels('constraint_values'),
      ...this.pairs(given.named.get('values'), (name, value) =>
        name === 'define' ? this.isDefined(value.replace(/=.*/, ''), value.replace(/^[^=]*=?/, '')) : null,
      ),
      ...this.pairs(given.named.get('define_values'), (name, value) => this.isDefined(name, value)),
      ...this.pairs(given.named.get('flag_values'), (flag, value) => this.hasValue(flag, directory, value)),
    ])
  }

  private isDefined(name: string, value: string): boolean {
    return this.options.defines.get(name) === value
  }

  private pairs(
    table: Value | undefined,
    holds: (name: string, value: string) => boolean | null,
  ): readonly (boolean | null)[] {
    if (table === undefined) return []
    if (table.kind !== 'dict' || table.open !== null) return [null]
    return [...table.entries].map(([name, value]) => (value.kind === 'string' ? holds(name, value.value) : null))
  }

  /** Whether a flag that the project declares has a value: that of `.bazelrc`, or else its own. */
  private hasValue(label: string, from: string, value: string): boolean | null {
    const place = labelled(label, from)
    const directory = place?.directory === '.' ? '' : place?.directory
    const told = this.options.flags.get(place === null ? label : `//${directory}:${place.name}`)
    const target = this.find(label, from)
    const usual = target?.given.named.get('build_setting_default')
    const isBoolean = target?.rule === 'bool_flag'
    if (told === undefined && (usual === undefined || !/^(?:bool|string|int)_flag$/.test(target!.rule))) return null
    const has = told ?? ('value' in usual! ? String(usual.value) : null)
    if (has === null) return null
    return isBoolean ? isTrue(has) === isTrue(value) : has === value
  }
}

const isTrue = (text: string): boolean => /^(?:true|yes|1)$/i.test(text)

const all = (list: readonly (boolean | null)[]): boolean | null =>
  list.includes(false) ? false : list.length === 0 || list.includes(null) ? null : true

const any = (list: readonly (boolean | null)[]): boolean | null =>
  list.includes(true) ? true : list.length === 0 || list.includes(null) ? null : false

/**
 * Whether a condition holds on Linux with an x86-64 processor; null where that is not known, undefined for one that is
 * of no platform.
 */
function ofPlatform(label: string): boolean | null | undefined {
  const name = /^@platforms\/\/(?:os|cpu):(\w+)$/.exec(label)?.[1]
  if (name !== undefined) return /^(?:linux|x86_64)$/.test(name)
  const own = /^@bazel_tools\/\/src\/conditions:(\w+)$/.exec(label)?.[1]
  return own === undefined ? (/^@@?(?!\/\/)/.test(label) ? null : undefined) : /^linux(?:_x86_64)?$/.test(own)
}
