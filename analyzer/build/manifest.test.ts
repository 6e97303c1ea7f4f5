import { expect, test } from 'vitest'
import type { BuildFile } from './build-file.ts'
import { listToExtend, manifestFor, withFile } from './manifest.ts'

const header = 'src/pep_shims.h'

test.each([
  [null, 'include src/pep_shims.h\n'],
  ['include LICENSE', 'include LICENSE\ninclude src/pep_shims.h\n'],
  ['include LICENSE\r\n', 'include LICENSE\r\ninclude src/pep_shims.h\r\n'],
  ['include *.h\n', 'include *.h\ninclude src/pep_shims.h\n'],
  ['graft src\nglobal-exclude *.h\n', 'graft src\nglobal-exclude *.h\ninclude src/pep_shims.h\n'],
  ['# recursive-include src *\n', '# recursive-include src *\ninclude src/pep_shims.h\n'],
  ['include LICENSE src/*.h\n', null],
  ['recursive-include src *.c \\\n  *.h\n', null],
  ['recursive-include . *.[hc]\n', null],
  ['graft src/\n', null],
  ['prune src\nglobal-include *.h\n', null],
])('a manifest %j gets the header where it lacks it', (before, after) => {
  expect(withFile('MANIFEST.in', before, header)).toBe(after)
})

test('names are relative to the manifest', () => {
  expect(withFile('a/MANIFEST.in', null, 'a/src/x.h')).toBe('include src/x.h\n')
})

const file = (kind: BuildFile['kind'], text: string, path: string = kind): BuildFile => ({ kind, path, text })
const pyproject = (backend: string): BuildFile =>
  file('pyproject.toml', `[build-system]\nbuild-backend = "${backend}"\n`)
const setup = file('setup.py', 'setup()')

test.each([
  ['setup.py', [setup], 'MANIFEST.in'],
  ['setuptools alone', [pyproject('setuptools.build_meta')], 'MANIFEST.in'],
  ['a backend of its own', [setup, pyproject('backend')], 'MANIFEST.in'],
  ['setup.py below', [setup, file('setup.py', '', 'src/setup.py')], 'src/MANIFEST.in'],
  ['Meson', [setup, pyproject('mesonpy')], null],
  ['no build', [], null],
  ['setup.py that names it', [file('setup.py', 'depends=["src/pep_shims.h"]')], 'MANIFEST.in'],
  ['no backend', [file('pyproject.toml', '[project]\nname = "x"\n')], 'MANIFEST.in'],
  ['no package', [file('pyproject.toml', '[tool.ruff]\nline-length = 90\n')], null],
  ['setup.py elsewhere', [file('setup.py', '', 'other/setup.py')], null],
])('where the header is named: %s', (_, files, manifest) => {
  expect(manifestFor(header, files)).toBe(manifest)
})

const listed = (backend: string, text: string): readonly BuildFile[] => [
  file('pyproject.toml', `[build-system]\nbuild-backend = "${backend}"\n${text}`),
]
const sdist = '[tool.hatch.build.targets.sdist]\n'

test.each([
  ['hatchling.build', `${sdist}include = ["/src/*.c", "tests"]`, 'tool.hatch.build.targets.sdist.include'],
  ['hatchling.build', `${sdist}only-include = ["lib"]`, 'tool.hatch.build.targets.sdist.only-include'],
  ['hatchling.build', `${sdist}include = ["/src"]`, null],
  ['hatchling.build', `${sdist}include = ["src/*.[ch]"]`, null],
  ['hatchling.build', `${sdist}include = ["src/**"]`, null],
  ['hatchling.build', sdist, null],
  [
    'poetry.core.masonry.api',
    '[tool.poetry]\ninclude = [{ path = "src/*.c", format = "sdist" }]',
    'tool.poetry.include',
  ],
  ['poetry.core.masonry.api', '[tool.poetry]\ninclude = [{ path = "src/*.h", format = "sdist" }]', null],
  ['pdm.backend', '[tool.pdm.build]\nsource-includes = ["src/a.c"]', 'tool.pdm.build.source-includes'],
  ['mesonpy', `${sdist}include = ["src/*.c"]`, null],
  ['setuptools.build_meta', `${sdist}include = ["src/*.c"]`, null],
])('what %s is told: %s', (backend, text, keys) => {
  expect(listToExtend(header, listed(backend, text))).toEqual(keys === null ? null : { file: 'pyproject.toml', keys })
})
