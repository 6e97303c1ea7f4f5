import type { BuildFile } from './build-file.ts'
import { buildText, expressionAt } from './build-text.ts'
import { type ModuleDefinition, moduleAround } from './module-definitions.ts'
import { at, keyPlace, toml } from './pyproject.ts'
import { assignment } from './python-value.ts'
import { wheelTags } from './wheel-tags.ts'

/** A place in a build file that says that what it makes works with the stable ABI. */
export interface StableAbiClaim {
  readonly file: BuildFile
  readonly start: number
  readonly end: number
  /** The module that it is said of; null for the wheel, and so for all modules in it. */
  readonly module: ModuleDefinition | null
  /** It is not there in every build: it depends on something that the file asks for. */
  readonly depends: boolean
}

/**
 * The claims of a build file: `py_limited_api=True` of an `Extension`, `py_limited_api = "3.9"` of Bazel's
 * `py_extension`, the tag of abi3 wheels, and what meson-python and scikit-build-core have for it. `limited_api` of
 * Meson and `USE_SABI` of CMake are none: they define the macro.
 */
export function stableAbiClaims(file: BuildFile): StableAbiClaim[] {
  // scikit-build-core takes `py3` too, for wheels that have no extension module.
  const isPure = (start: number, end: number): boolean => /^["']?py/.test(file.text.slice(start, end))
  const tags = wheelTags(file).flatMap(({ start, end, level }) =>
    isPure(start, end) ? [] : [{ file, start, end, module: null, depends: typeof level !== 'number' }],
  )
  switch (file.kind) {
    case 'setup.py':
      return [...tags, ...ofExtensions(file)]
    case 'pyproject.toml':
      return [...tags, ...ofTables(file)]
    case 'BUILD.bazel':
      return [...tags, ...(loadsExtension.test(buildText(file).code) ? ofExtensions(file) : [])]
    default:
      return tags
  }
}

/** The `py_extension` of rules_python, of which `py_limited_api` names the file, and defines nothing. */
const loadsExtension = /\bload\s*\(\s*["']@rules_python\/\/python\/cc:py_extension\.bzl["']/

function ofExtensions(file: BuildFile): StableAbiClaim[] {
  const text = buildText(file)
  return [...text.code.matchAll(/(?<![\w."'])py_limited_api\s*=(?!=)\s*/g)].flatMap((match) => {
    const module = moduleAround(file, match.index)
    if (module === null) return []
    const { text: written, start, end } = expressionAt(text, match.index + match[0].length)
    const value = (/^[A-Za-z_]\w*$/.test(written) ? assignment(text, written) : null) ?? written
    if (/^(?:False|None|0|""|'')$/.test(value)) return []
    return [
      {
        file,
        start: match.index,
        end: Math.max(start, end),
        module,
        depends: !/^(?:True|1|(?:"[\d.]+"|'[\d.]+'))$/.test(value),
      },
    ]
  })
}

/** `limited-api` of meson-python and `py-limited-api` of a module of setuptools. */
function ofTables(file: BuildFile): StableAbiClaim[] {
  const table = toml(file)
  const claims: StableAbiClaim[] = []
  const { code } = buildText(file)
  for (const match of code.matchAll(/\bpy-limited-api["']?\s*=\s*true\b/g)) {
    const module = moduleAround(file, match.index)
    if (module) claims.push({ file, start: match.index, end: match.index + match[0].length, module, depends: false })
  }
  if (at(table, 'tool', 'meson-python', 'limited-api') === true) {
    const place = keyPlace(file, 'limited-api', 'true')
    if (place) claims.push({ file, ...place, module: null, depends: false })
  }
  return claims
}
