import posix from 'path-browserify'
import { parseVersion } from '../knowledge/version.ts'
import type { BuildFile } from './build-file.ts'
import { lineIn } from './build-text.ts'
import { type BuiltLevel, type BuiltModule, known, notKnown, type Read } from './built-modules.ts'
import { levelOf, readLevel } from './level-value.ts'
import { isInstalled, type MesonEnvironment, type MesonModule, readMeson } from './meson/run.ts'
import { makerOf } from './python-build.ts'
import { reasonOf, type Value } from './script/values.ts'

/**
 * The extension modules that Meson makes and installs.
 * @param root the directory of the first `meson.build`
 * @param isOff whether `python.allow_limited_api` is false, so that `limited_api` does nothing
 */
export function mesonBuild(
  files: ReadonlyMap<string, BuildFile>,
  root: string,
  environment: MesonEnvironment,
  isOff: boolean,
): { readonly modules: readonly BuiltModule[]; readonly otherModules: string | null } {
  const { modules, others } = readMeson(root, environment)
  const isSure = ({ doubt }: MesonModule): boolean => doubt === null
  const installed = modules.filter((each) => isInstalled(each) !== false)
  return {
    modules: installed.filter(isSure).map((each) => moduleIn(files, each, isOff)),
    otherModules: installed.find((each) => !isSure(each))?.doubt ?? others,
  }
}

function moduleIn(files: ReadonlyMap<string, BuildFile>, module: MesonModule, isOff: boolean): BuiltModule {
  const { given, script, start } = module
  const [name, ...rest] = given.args
  const place = given.named.get('subdir') ?? given.named.get('install_dir')
  const sources = [...rest, ...(given.named.has('sources') ? [given.named.get('sources')!] : [])]
  const texts = sources.flatMap(stringsOf)
  const limited = isOff ? known(null) : limitedApi(given.named.get('limited_api'))
  const file = files.get(script)
  const unread = sources.find((each) => each.kind !== 'string' && (each.kind !== 'list' || each.open !== null))
  const prefix = given.open !== null || (place !== undefined && place.kind !== 'string') ? null : place
  return {
    name:
      name?.kind !== 'string'
        ? notKnown(name ? reasonOf(name) : 'its name')
        : prefix === null
          ? notKnown(given.open ?? reasonOf(place!))
          : known(
              [
                ...(prefix?.kind === 'string' ? prefix.value.split('/').filter((each) => each !== '') : []),
                name.value,
              ].join('.'),
            ),
    file: script,
    line: file ? lineIn(file, start) : 1,
    sources: texts.map((each) => posix.join(posix.dirname(script), each)),
    otherSources: unread ? (unread.kind === 'list' ? unread.open : reasonOf(unread)) : null,
    maker: makerOf(texts),
    level: limited.kind === 'known' && limited.value === null ? argumentsLevel(given.named) : limited,
    isNamedStable: limited.kind === 'known' ? known(limited.value !== null) : limited,
  }
}

const stringsOf = (value: Value): string[] =>
  value.kind === 'string' ? [value.value] : value.kind === 'list' ? value.items.flatMap(stringsOf) : []

/** `limited_api: '3.9'`; an empty text is as good as nothing. */
function limitedApi(value: Value | undefined): Read<BuiltLevel> {
  if (value === undefined || (value.kind === 'string' && value.value === '')) return known(null)
  if (value.kind !== 'string') return notKnown(reasonOf(value))
  const minor = parseVersion(value.value.split('.').slice(0, 2).join('.'))
  return minor === null ? notKnown(`\`limited_api: '${value.value}'\``) : known(minor)
}

/** `c_args: ['-DPy_LIMITED_API=0x03090000']` */
function argumentsLevel(named: ReadonlyMap<string, Value>): Read<BuiltLevel> {
  for (const key of ['c_args', 'cpp_args']) {
    const value = named.get(key)
    for (const each of value ? stringsOf(value) : []) {
      const match = /^-DPy_LIMITED_API(?:=(.*))?$/.exec(each)
      if (match) return known(levelOf(readLevel(match[1] ?? '1')) ?? 2)
    }
  }
  return known(null)
}
