import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byGcc, type Contents, elf, fat, machO, pe, type Shape, spam } from '../../fixtures/binaries.ts'
import { BinaryError, type Image } from './image.ts'
import { readBinary } from './read.ts'

const shapes: readonly Shape[] = [true, false].flatMap((wide) =>
  [true, false].map((littleEndian) => ({ wide, littleEndian })),
)
const only = (bytes: Uint8Array): Image => readBinary(bytes).images[0]!
const names = ({ imports }: Image): string[] =>
  imports.map(({ name, library, weak }) => `${name}${weak ? '?' : ''}${library === null ? '' : ` from ${library}`}`)

describe('ELF', () => {
  test.each(shapes)('names and libraries, %o', (shape) => {
    const image = only(
      elf(
        {
          imports: { 'libx.so.1': ['PyList_New', '_Py_Dealloc?', 'malloc'] },
          exports: ['PyInit_x', 'other'],
          needed: ['libc.so.6'],
        },
        shape,
      ),
    )
    expect(names(image)).toEqual(['PyList_New', '_Py_Dealloc?'])
    expect(image.exports).toEqual(['PyInit_x'])
    expect(image.needed).toEqual(['libx.so.1', 'libc.so.6'])
    expect(image.architecture).toBe(shape.wide ? 'x86_64' : 'i386')
  })

  test.each(['gnu', 'sysv'] as const)(
    'as gcc makes it, with the hash table of kind %s, with and without section headers',
    (kind) => {
      const stripped = Buffer.from(byGcc[kind])
      stripped.fill(0, 40, 48)
      for (const bytes of [byGcc[kind], stripped]) {
        const image = only(bytes)
        expect(names(image).sort()).toEqual(['PyList_New', 'PyObject_CallOneArg?', '_PyOwn_Thing'])
        expect([...image.exports].sort()).toEqual(['PyInit_tiny', 'PyOwn_Defined'])
      }
    },
  )

  test('that is no shared library', () => {
    const program = elf({})
    program.writeUInt16LE(1, 16)
    expect(() => readBinary(program)).toThrow('is an object file, no shared library')
  })
})

describe('Mach-O', () => {
  test.each(shapes)('names and libraries, %o', (shape) => {
    const image = only(
      machO(
        {
          imports: { '': ['PyList_New', 'PyTuple_New?'], '@rpath/libx.dylib': ['PyOwn_Thing'] },
          exports: ['PyInit_x'],
          needed: ['/usr/lib/libSystem.B.dylib'],
        },
        shape,
      ),
    )
    expect(names(image)).toEqual(['PyList_New', 'PyTuple_New?', 'PyOwn_Thing from @rpath/libx.dylib'])
    expect(image.exports).toEqual(['PyInit_x'])
    expect(image.needed).toEqual(['@rpath/libx.dylib', '/usr/lib/libSystem.B.dylib'])
    expect(image.architecture).toBe('arm64')
  })

  test('for several architectures', () => {
    const parts = [
      machO({ imports: { '': ['PyList_New'] } }, shapes[0], 0x1000007),
      machO({ imports: { '': ['PyTuple_New'] } }),
    ]
    expect(readBinary(fat(parts)).images.map((image) => [image.architecture, ...names(image)])).toEqual([
      ['x86_64', 'PyList_New'],
      ['arm64', 'PyTuple_New'],
    ])
  })

  test('a class file of Java, which begins alike', () => {
    expect(() => readBinary(Buffer.from('cafebabe00000041', 'hex'))).toThrow('is no fat Mach-O file')
  })
})

describe('PE', () => {
  test.each([true, false])('names and libraries, 64 bits: %s', (wide) => {
    const image = only(
      pe(
        {
          imports: {
            'python3.dll': ['PyList_New', 'PyTuple_New?'],
            'x.dll': ['PyOwn_Thing', 'malloc'],
            'empty.dll': [],
          },
          exports: ['PyInit_x', 'other'],
        },
        wide,
      ),
    )
    expect(names(image)).toEqual([
      'PyList_New from python3.dll',
      'PyOwn_Thing from x.dll',
      'PyTuple_New? from python3.dll',
    ])
    expect(image.exports).toEqual(['PyInit_x'])
    expect(image.needed).toEqual(['python3.dll', 'x.dll', 'empty.dll'])
    expect(image.architecture).toBe(wide ? 'x86_64' : 'x86')
  })

  test('that is a program', () => {
    const program = pe({})
    program.writeUInt16LE(2, 0x80 + 22)
    expect(() => readBinary(program)).toThrow('is a program for Windows, no library')
  })
})

test.each([
  ['', 'is empty'],
  ['int x;\n', 'holds text'],
  ['!<arch>\n', 'is a static library'],
  ['\0asm\x01\0\0\0', 'is WebAssembly, which is not read'],
  ['PK\x03\x04', 'is a zip file; a wheel ends in .whl'],
  ['\x01\x02\x03', 'begins neither like ELF nor like Mach-O nor like PE'],
  ['\x7fELF', 'is cut off or damaged'],
  ['MZ', 'is cut off or damaged'],
])('no library: %j', (text, message) => {
  expect(() => readBinary(Buffer.from(text, 'latin1'))).toThrow(message)
})

describe('broken files', () => {
  const contents: Contents = {
    imports: { 'python3.dll': ['PyList_New', 'PyTuple_New?'], 'x.dll': ['PyOwn_Thing'] },
    exports: ['PyInit_x', 'PyOwn'],
  }
  const whole = [
    ...shapes.flatMap((shape) => [elf(contents, shape), machO(contents, shape)]),
    pe(contents),
    pe(contents, false),
    fat([machO(contents), machO(contents)]),
    byGcc.gnu,
    byGcc.sysv,
    spam('headInSlots'),
    spam('narrowHead'),
  ]

  /** Reads it; anything but a library or the module's own error is a fault. */
  const survives = (bytes: Uint8Array): void => {
    try {
      readBinary(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(BinaryError)
    }
  }

  test('cut off anywhere', () => {
    for (const bytes of whole)
      for (let length = 0; length < bytes.length; length += bytes.length > 2000 ? 7 : 1)
        survives(bytes.subarray(0, length))
  })

  test('with any bytes changed', () => {
    const value = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255))
    const edits = fc.array(fc.tuple(fc.nat(6000), value), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(fc.constantFrom(...whole), edits, (bytes, changes) => {
        const changed = Buffer.from(bytes)
        for (const [at, to] of changes) changed[at % changed.length] = to
        survives(changed)
      }),
      { numRuns: 3000 },
    )
  })

  test('with any word changed to an extreme', () => {
    for (const bytes of whole) {
      for (let at = 4; at + 4 <= Math.min(bytes.length, 700); at++) {
        for (const word of [0, 0xffffffff, 0x7fffffff, bytes.length]) {
          const changed = Buffer.from(bytes)
          changed.writeUInt32LE(word, at)
          survives(changed)
        }
      }
    }
  })

  test('that claims more names than anything has', () => {
    // A thunk table that fills the file, all of whose entries lead to one long name.
    const bytes = pe({ imports: { 'python3.dll': ['PyList_New'] } })
    const name = bytes.indexOf('PyList_New') - 2
    const section = bytes.readUInt32LE(0x80 + 24 + 112 + 8)
    const table = Buffer.alloc(8 * 1_100_000)
    for (let at = 0; at < table.length; at += 8) table.writeUInt32LE(name, at)
    const large = Buffer.concat([bytes, table])
    large.writeUInt32LE(bytes.length, section)
    large.writeUInt32LE(large.length, 0x80 + 24 + 112 + 128 + 16)
    expect(() => readBinary(large)).toThrow(/has more than \d+ (?:names|imports)/)
  })
})
