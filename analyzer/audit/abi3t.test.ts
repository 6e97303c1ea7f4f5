import { describe, expect, test } from 'vitest'
import { auditOf, type Setting, wheel } from '../../fixtures/audit/audited.ts'
import { elf, spam } from '../../fixtures/binaries.ts'
import { readBinary } from './read.ts'

describe('what the data of a module for abi3t tells', () => {
  const messages = (
    build: Parameters<typeof spam>[0],
    file = 'spam.abi3t.so',
    setting: Setting = wheel('cp315-abi3.abi3t'),
  ): string[] =>
    auditOf({ [file]: spam(build) }, setting).findings.map(({ severity, message }) => `${severity}: ${message}`)
  const sized = (bytes: number): string =>
    `error: instances of \`spam.Spam\` have ${bytes} bytes, counted with a \`PyObject\` whose size abi3t leaves open`

  test.each(['abi3t', 'slots', 'packed', 'narrow'] as const)('%s is as it claims', (build) => {
    expect(messages(build)).toEqual([])
    const { audited } = auditOf({ 'spam.so': spam(build) })
    expect(audited[0]).toMatchObject({
      entries: ['PyModExport_spam'],
      abi: [{ flags: 7, version: 0x030f0000 }],
      claim: { abis: ['abi3t'], level: 15, source: 'Py_mod_abi' },
    })
  })

  test.each(['head', 'headInSlots', 'narrowHead', 'narrowHeadInSlots'] as const)(
    '%s has a type whose size is that of a struct with PyObject_HEAD',
    (build) => {
      expect(messages(build)).toEqual([sized(24)])
    },
  )

  test('a module for abi3 with another name', () => {
    expect(messages('abi3')).toEqual([
      'error: `Py_mod_abi` says that the module needs the GIL, and Pythons without it refuse to import it',
      sized(24),
    ])
    expect(messages('abi3', 'spam.abi3.so', wheel('cp315-abi3'))).toEqual([])
    expect(auditOf({ 'spam.so': spam('abi3') }).audited[0]!.claim).toMatchObject({ abis: ['abi3'], level: 15 })
  })

  test('a module for one Python with another name', () => {
    const one = 'error: `Py_mod_abi` says that the module is for CPython 3.15 alone, and more is claimed (wheel tag '
    const counts = 'it counts references in place (it imports `_Py_Dealloc`)'
    expect(messages('full')).toEqual([
      `${one}cp315-abi3.abi3t)`,
      `error: ${counts}, where Pythons without the GIL count otherwise`,
      sized(24),
    ])
    expect(messages('full', 'spam.abi3.so', wheel('cp315-abi3'))).toEqual([`${one}cp315-abi3)`])
    expect(messages('full', 'spam.cpython-315-x86_64-linux-gnu.so', wheel('cp315-cp315'))).toEqual([])
  })

  test('a module from before there was abi3t', () => {
    expect(messages('counting')).toEqual([
      'warning: it makes a PyModuleDef (it imports `PyModuleDef_Init`), whose layout is not part of abi3t',
      'error: it counts references in place (it imports `_Py_Dealloc`), where Pythons without the GIL count otherwise',
      sized(24),
    ])
  })

  test('with both functions it may have code for Pythons without abi3t', () => {
    const both = elf({ imports: { '': ['_Py_Dealloc'] }, exports: ['PyInit_x', 'PyModExport_x'] })
    expect(auditOf({ 'x.abi3t.so': both }, wheel('cp315-abi3.abi3t')).findings).toMatchObject([
      { severity: 'warning', rule: 'object-layout', symbol: '_Py_Dealloc' },
    ])
  })
})

describe('what is said of the data', () => {
  test('flags and versions', () => {
    const changed = (flags: number, version: number): Buffer => {
      const bytes = spam('abi3t')
      const at = bytes.indexOf(Buffer.from([1, 0, 7, 0, 0xf0, 2, 0x0f, 3]))
      bytes.writeUInt16LE(flags, at + 2)
      bytes.writeUInt32LE(version, at + 8)
      return bytes
    }
    const verdict = (flags: number, version: number, tags = 'cp315-abi3.abi3t'): string[] =>
      auditOf({ 'spam.so': changed(flags, version) }, wheel(tags)).findings.map(({ message }) => message)
    expect(verdict(7, 0)).toEqual([])
    expect(verdict(1, 0x030f0000)).toEqual([])
    expect(verdict(5, 0x030f0000, 'cp315-abi3t')).toEqual([])
    expect(verdict(5, 0x030f0000)).toEqual([
      '`Py_mod_abi` says that the module does without the GIL alone, and Pythons with it refuse to import it',
    ])
    expect(verdict(7, 0x03100000)).toEqual([
      '`Py_mod_abi` says that the module needs CPython 3.16, and 3.15 is claimed (wheel tag cp315-abi3.abi3t)',
    ])
    expect(verdict(8, 0x030f02f0)).toEqual([
      '`Py_mod_abi` says that the module uses internals of one CPython, and others refuse it',
    ])
  })

  test('damaged tables of pointers are no reason to say nothing of its names', () => {
    const bytes = spam('head')
    const { images } = readBinary(bytes)
    expect(images[0]!.data.types).toEqual([{ name: 'spam.Spam', size: 24 }])
    const places = Array.from({ length: bytes.length / 8 - 3 }, (_, index) => index * 8)
    const table = places.find((at) => bytes.readUInt32LE(at) === 7 && bytes.readUInt32LE(at + 16) === 8)!
    bytes.writeUInt32LE(0x7fffffff, table + 8)
    const damaged = readBinary(bytes).images[0]!
    expect(damaged.data).toEqual({ abi: [], types: [] })
    expect(damaged.imports).toEqual(images[0]!.imports)
  })
})
