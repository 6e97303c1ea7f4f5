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
  ['setup.py', 'include_dirs=[os.path.join("a", "b")]', ['a/b']],
  [
    'setup.py',
    `here = os.path.dirname(os.path.abspath(__file__))\nDEPS = Path(__file__).parent / "deps"
kw = dict(include_dirs=[os.path.join(here, "third", "inc"), str(DEPS / "hdrs"), f"{here}/own", f"{DEPS}/x"])`,
    ['third/inc', 'deps/hdrs', 'own', 'deps/x'],
  ],
  ['setup.py', 'DIRS = ["one", "/usr/include"]\nDIRS += ["two"]\nExtension("a", include_dirs=DIRS)', ['one', 'two']],
  ['setup.py', 'Extension("a", extra_compile_args=["-O2", "-Ideps", "-I/usr/include"])', ['deps']],
  ['setup.py', 'args = ["-I" + here, f"-I{here}/own"]', ['.', 'own']],
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
  [
    'CMakeLists.txt',
    `set(DEPS \${CMAKE_SOURCE_DIR}/deps)\nset(DIRS \${DEPS}/one "src")
target_include_directories(m PUBLIC \${DIRS} $<BUILD_INTERFACE:\${DEPS}/two> $<INSTALL_INTERFACE:no>)
add_compile_options(-I\${PROJECT_SOURCE_DIR}/own)`,
    ['deps/one', 'src', 'deps/two', 'own'],
  ],
  [
    'meson.build',
    `dirs = ['deps' / 'one', 'src']\ninc = include_directories(dirs)
add_project_arguments('-I' + meson.current_source_dir() / 'own', language: 'c')
py.extension_module('m', 'm.c', include_directories: [inc, '../up', 'two'])`,
    ['deps/one', 'src', 'two', 'own'],
  ],
  ['setup.cfg', '[build_ext]\ninclude_dirs = a:b\n[other]\ninclude_dirs = c\n', ['a', 'b']],
  ['setup.cfg', 'include_dirs = x', []],
])('%s: %s', (path, text, directories) => {
  expect(includeDirectories(file(path, text))).toEqual(directories)
})
