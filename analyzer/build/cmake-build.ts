import { lineIn } from './build-text.ts'
import { type BuiltModule, known, notKnown } from './built-modules.ts'
import { type CmakeEnvironment, readCmake } from './cmake/run.ts'
import { makerOf } from './python-build.ts'

/**
 * The extension modules that CMake makes and installs.
 * @param path of the `CMakeLists.txt` where it begins, relative to the project's root
 */
export function cmakeBuild(
  path: string,
  environment: CmakeEnvironment,
): { readonly modules: readonly BuiltModule[]; readonly otherModules: string | null } {
  const { targets: all, places, others } = readCmake(path, environment)
  const targets = all.filter(({ isModule }) => isModule)
  const installed = targets.filter(({ target }) => places.size === 0 || places.has(target))
  const sure = new Set(targets.flatMap(({ target, doubt }) => (doubt === null ? [target] : [])))
  const isDoubtful = targets.find(({ target, doubt }) => doubt !== null && !sure.has(target))
  const modules = installed
    .filter(({ doubt }) => doubt === null)
    .map(({ target, file, start, sources, output, prefix, level, isNamedStable }): BuiltModule => {
      const place = places.get(target)
      const directory = place === undefined || place === '.' ? '' : place
      const name =
        output === null || prefix === null || directory === null
          ? notKnown(output === null ? '`OUTPUT_NAME`' : prefix === null ? '`PREFIX`' : '`DESTINATION`')
          : known([...directory.split('/').filter((each) => each !== '' && each !== '.'), prefix + output].join('.'))
      const plain = sources.filter((each) => each !== null)
      return {
        name,
        file: file.path,
        line: lineIn(file, start),
        sources: plain,
        otherSources: plain.length < sources.length ? 'variables of CMake' : null,
        maker: makerOf(plain),
        level,
        isNamedStable,
      }
    })
  return {
    modules,
    otherModules: isDoubtful?.doubt ?? (modules.length === 0 ? (others ?? 'the files of CMake') : others),
  }
}
