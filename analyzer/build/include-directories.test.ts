import { expect, test } from 'vitest'
import type { BuildFile } from './build-file.ts'
import { includeDirectories } from './include-directories.ts'

const file = (path: string, text: string): BuildFile => ({
  kind: path.split('/').at(-1) as BuildFile['kind'],
  path,
  text,
})

test.each<[string, string, readonly string[]]>([
  [
    'setup.py',
    `Extension("a", ["a.c"], include_dirs=["include", 'src/', numpy.get_include(), "/usr/include"])`,
    ['include', 'src'],
  ],
  ['setup.py', `include_dirs = ['.']\next.include_dirs.append("vendor")  # include_dirs=["no"]\n`, ['.', 'vendor']],
  ['setup.py', 'include_dirs=[os.path.join("a", "b")]', []],
  ['python/setup.py', 'include_dirs=["../core"]', ['core']],
  ['setup.py', 'include_dirs=["../outside"]', []],
  ['sub/meson.build', `inc = include_directories('include', '.', is_system: true)`, ['sub/include', 'sub']],
  [
    'CMakeLists.txt',
    `include_directories(include)
target_include_directories(m PRIVATE \${CMAKE_CURRENT_SOURCE_DIR}/src "lib" \${X}/no)`,
    ['include', 'src', 'lib'],
  ],
  [
    'pyproject.toml',
    '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\ninclude-dirs = ["include"]\n',
    ['include'],
  ],
  ['setup.cfg', 'include_dirs = x', []],
])('%s: %s', (path, text, directories) => {
  expect(includeDirectories(file(path, text))).toEqual(directories)
})
