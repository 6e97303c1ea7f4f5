import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCompileCommands, shellWords } from './compile-commands.ts'

const read = (entries: unknown) => readCompileCommands(JSON.stringify(entries), '/home/p', '/home/p/build')

test('an entry as CMake writes it', () => {
  const command =
    '/usr/bin/cc -DSPAM=\\"eggs\\" -D HAVE_X -UNDEBUG -I/home/p/include -I ../src -isystem /usr/include/python3.11 ' +
    '-o x.o -c /home/p/src/a.c'
  expect(read([{ directory: '/home/p/build', command, file: '/home/p/src/a.c' }])).toEqual([
    {
      file: 'src/a.c',
      includeDirectories: ['include', 'src'],
      definitions: new Map([
        ['SPAM', '"eggs"'],
        ['HAVE_X', '1'],
        ['NDEBUG', null],
      ]),
    },
  ])
})

test('an entry as Meson writes it: the directory is the build directory, paths are relative', () => {
  expect(
    read([
      {
        directory: '.',
        arguments: ['cc', '-I..', '-Imod.p', '-DPy_LIMITED_API=0x030A0000', '-c', '../a.c'],
        file: '../a.c',
      },
    ]),
  ).toEqual([
    { file: 'a.c', includeDirectories: ['.', 'build/mod.p'], definitions: new Map([['Py_LIMITED_API', '0x030A0000']]) },
  ])
})

test('what is no entry, or outside of the root, is left out', () => {
  expect(read([null, 3, {}, { file: 3 }, { directory: '/', file: 'etc/x.c', command: 'cc' }])).toEqual([])
})

test.each(['', '{', '{"a": 1}'])('no database: %j', (text) => {
  expect(() => readCompileCommands(text, '/p', '/p')).toThrow(/^is no /)
})

test('words of a command line are those of the shell', () => {
  const part = fc.oneof(
    fc.constantFrom('"', "'", '\\', ' ', 'a b', '-D', '=', '\t', '$'),
    fc.stringMatching(/^[\w./-]{0,4}$/),
  )
  fc.assert(
    fc.property(
      fc.array(
        fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
        { minLength: 1, maxLength: 4 },
      ),
      (words) => {
        const quoted = words
          .map((word, index) =>
            index % 2 ? `'${word.replaceAll("'", `'\\''`)}'` : `"${word.replace(/["\\$`]/g, '\\$&')}"`,
          )
          .join(' ')
        expect(shellWords(quoted)).toEqual(words)
      },
    ),
  )
  if (process.platform === 'win32') return
  const odd = `a\\ b "c 'd'" 'e "f"'g"h" \\"i\\"`
  expect(shellWords(odd)).toEqual(
    execFileSync('sh', ['-c', `for each in ${odd}; do printf '%s\\n' "$each"; done`])
      .toString()
      .trimEnd()
      .split('\n'),
  )
})
