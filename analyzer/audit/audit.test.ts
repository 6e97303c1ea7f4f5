import { describe, expect, test } from 'vitest'
import { api, auditOf, type Setting, wheel } from '../../fixtures/audit/audited.ts'
import { type Contents, elf, fat, machO, pe } from '../../fixtures/binaries.ts'
import { audit } from './audit.ts'
import { floorOf, libraryName, tagsInside, tagsOf } from './wheel-name.ts'

/** What is found, as `error rule symbol`. */
const found = (files: Readonly<Record<string, Buffer>>, setting: Setting = {}): string[] =>
  auditOf(files, setting).findings.map(({ severity, rule, symbol }) =>
    [severity, rule, symbol].filter(Boolean).join(' '),
  )

const module = (imports: readonly string[], more: Contents = {}): Contents => ({
  imports: { '': imports },
  exports: ['PyInit_x'],
  ...more,
})
const so = (imports: readonly string[], more: Contents = {}): Buffer => elf(module(imports, more))
const pyd = (imports: Readonly<Record<string, readonly string[]>>, more: Contents = {}): Buffer =>
  pe({ imports, exports: ['PyInit_x'], ...more })

describe('names', () => {
  test('of a module that is as it claims', () => {
    expect(
      found({ 'x.abi3.so': so(['PyList_New', '_Py_Dealloc', 'PyType_GetModuleState']) }, wheel('cp310-abi3')),
    ).toEqual([])
  })

  test('outside the stable ABI', () => {
    expect(
      found(
        { 'x.abi3.so': so(['PyList_New', '_PyUnicode_Ready', 'PyObject_CallOneArg', 'PyAnything_Else']) },
        wheel('cp310-abi3'),
      ),
    ).toEqual([
      'error import-outside-abi PyAnything_Else',
      'error import-outside-abi PyObject_CallOneArg',
      'error import-outside-abi _PyUnicode_Ready',
    ])
  })

  test('newer than the wheel says, and than --target, which outdoes it', () => {
    const files = { 'x.abi3.so': so(['PyModule_AddObjectRef']) }
    expect(found(files, wheel('cp39-abi3'))).toEqual(['error import-newer-than-target PyModule_AddObjectRef'])
    expect(found(files, { ...wheel('cp39-abi3'), target: '3.10' })).toEqual([])
    expect(found(files, { ...wheel('cp310-abi3'), target: '3.9' })).toEqual([
      'error import-newer-than-target PyModule_AddObjectRef',
    ])
    expect(auditOf(files, wheel('cp39-abi3')).findings[0]!.message).toBe(
      'no Python before 3.10 exports `PyModule_AddObjectRef`, and 3.9 is claimed (wheel tag cp39-abi3)',
    )
  })

  test('of a file outside of wheels: no level is claimed, and the one it needs is told', () => {
    const { findings, audited } = auditOf({ 'x.abi3.so': so(['PyModule_AddObjectRef', 'PyList_New']) })
    expect(findings).toEqual([])
    expect(audited[0]!.needs).toEqual({ level: 10, names: ['PyModule_AddObjectRef'] })
    expect(audited[0]!.claim).toEqual({ abis: ['abi3'], level: null, source: 'file name x.abi3.so' })
  })

  test('of a module for one Python are its own affair', () => {
    const { findings, audited } = auditOf(
      { 'x.cpython-311-x86_64-linux-gnu.so': so(['_PyUnicode_Ready']) },
      wheel('cp311-cp311'),
    )
    expect(findings).toEqual([])
    expect(audited[0]).toMatchObject({ claim: null, imports: 1, outside: 1 })
  })

  test('that the library does without are a warning', () => {
    expect(found({ 'x.abi3.so': so(['PyModule_AddObjectRef?', '_PyUnicode_Ready?']) }, wheel('cp39-abi3'))).toEqual([
      'warning import-newer-than-target PyModule_AddObjectRef',
      'warning import-outside-abi _PyUnicode_Ready',
    ])
  })

  test('of one architecture alone', () => {
    const both = fat([
      machO(module(['PyList_New']), undefined, 0x1000007),
      machO(module(['PyList_New', '_PyUnicode_Ready'])),
    ])
    expect(auditOf({ 'x.abi3.so': both }, wheel('cp310-abi3')).findings.map(({ notes }) => notes)).toEqual([
      [expect.any(String), 'only in the part for arm64'],
    ])
  })

  test('that python3.dll got later than Python did', () => {
    expect(found({ 'x.abi3.so': so(['PyErr_GetExcInfo']) }, wheel('cp36-abi3'))).toEqual([])
    expect(
      auditOf({ 'x.pyd': pyd({ 'python3.dll': ['PyErr_GetExcInfo'] }) }, wheel('cp36-abi3')).findings,
    ).toMatchObject([
      {
        rule: 'import-newer-than-target',
        since: 7,
        message: 'no python3.dll before 3.7 exports `PyErr_GetExcInfo`, and 3.6 is claimed (wheel tag cp36-abi3)',
        notes: ['Python itself has it from 3.3 on'],
      },
    ])
  })

  test('of a Python that is not known yet may be new', () => {
    expect(found({ 'x.abi3.so': so(['PyBrandNew_Thing']) }, wheel('cp399-abi3'))).toEqual([
      'warning import-outside-abi PyBrandNew_Thing',
    ])
  })

  test('of a module for any Python, which is not tagged so', () => {
    expect(found({ 'x.so': so(['_PyUnicode_Ready']) }, wheel('py3-none'))).toEqual([
      'error import-outside-abi _PyUnicode_Ready',
    ])
    expect(found({ 'x.cpython-311-x86_64-linux-gnu.so': so(['_PyUnicode_Ready']) }, wheel('py3-none'))).toEqual([])
  })
})

describe('names of other libraries', () => {
  test('that the library defines, or one beside it', () => {
    expect(
      found(
        { 'x.abi3.so': so(['PyList_New'], { exports: ['PyInit_x', 'PyOwn_Thing', '_PyUnicode_Ready'] }) },
        wheel('cp310-abi3'),
      ),
    ).toEqual([])
    const files = (needed: readonly string[]) => ({
      'x.abi3.so': so(['PyOwn_Thing', 'PyMethod_New'], { needed }),
      'libown.so.1': elf({ exports: ['PyOwn_Thing', 'PyMethod_New'] }),
    })
    expect(found(files(['libown.so.1']), wheel('cp310-abi3'))).toEqual([])
    // PyMethod_New is CPython's too, and nothing says that this one is meant.
    expect(found(files([]), wheel('cp310-abi3'))).toEqual(['error import-outside-abi PyMethod_New'])
  })

  test('that another library may have are in doubt', () => {
    expect(
      found(
        { 'x.abi3.so': so(['PyOwn_Thing', '_PyUnicode_Ready'], { needed: ['libstrange.so.3'] }) },
        wheel('cp310-abi3'),
      ),
    ).toEqual(['warning import-outside-abi PyOwn_Thing', 'error import-outside-abi _PyUnicode_Ready'])
  })

  test('of libraries that Mach-O and PE tell from Python', () => {
    expect(
      found(
        {
          'x.abi3.so': machO({
            imports: { '@rpath/libown.dylib': ['PyOwn_Thing', '_PyUnicode_Ready'] },
            exports: ['PyInit_x'],
          }),
        },
        wheel('cp310-abi3'),
      ),
    ).toEqual([])
    expect(
      found({ 'x.pyd': pyd({ 'own.dll': ['PyOwn_Thing'], 'python3.dll': ['PyList_New'] }) }, wheel('cp310-abi3')),
    ).toEqual([])
  })
})

describe('libraries of Python', () => {
  const messages = (files: Readonly<Record<string, Buffer>>, setting: Setting): string[] =>
    auditOf(files, setting).findings.map(({ message }) => message)

  test('for one version', () => {
    expect(messages({ 'x.pyd': pyd({ 'python311.dll': ['PyList_New'] }) }, wheel('cp39-abi3'))).toEqual([
      'it is bound to Python 3.11: it needs `python311.dll`',
    ])
    expect(
      messages({ 'x.abi3.so': so(['PyList_New'], { needed: ['libpython3.11.so.1.0'] }) }, wheel('cp39-abi3')),
    ).toEqual(['it is bound to Python 3.11: it needs `libpython3.11.so.1.0`'])
    const framework = '/Library/Frameworks/Python.framework/Versions/3.11/Python'
    expect(
      messages(
        { 'x.abi3.so': machO({ imports: { [framework]: ['PyList_New'] }, exports: ['PyInit_x'] }) },
        wheel('cp39-abi3'),
      ),
    ).toEqual([`it is bound to Python 3.11: it needs \`${framework}\``])
    expect(found({ 'x.pyd': pyd({ 'python311.dll': ['PyList_New'] }) }, wheel('cp311-cp311'))).toEqual([])
  })

  test('with and without the GIL', () => {
    const free = { 'x.pyd': pyd({ 'python3t.dll': ['PyList_New'] }) }
    const locked = { 'x.pyd': pyd({ 'python3.dll': ['PyList_New'] }) }
    expect(messages(free, wheel('cp315-abi3.abi3t'))).toEqual([])
    expect(messages(free, wheel('cp313-abi3'))).toEqual([
      'it needs `python3t.dll`, which before 3.15 only free-threaded Pythons have',
    ])
    expect(messages(locked, wheel('cp315-abi3.abi3t'))).toEqual([
      'it needs `python3.dll`, which free-threaded Pythons do not have: theirs is `python3t.dll`',
    ])
    expect(messages(locked, wheel('cp315-abi3'))).toEqual([])
  })

  test('for debugging', () => {
    expect(messages({ 'x.pyd': pyd({ 'python3_d.dll': ['PyList_New'] }) }, wheel('cp39-abi3'))).toEqual([
      'it needs `python3_d.dll`, which only debug builds of Python have',
    ])
  })

  test('tell a claim where no name does', () => {
    expect(auditOf({ 'x.pyd': pyd({ 'python3.dll': ['PyList_New'] }) }).audited[0]!.claim).toMatchObject({
      abis: ['abi3'],
      level: null,
    })
    expect(auditOf({ 'x.pyd': pyd({ 'python311.dll': ['PyList_New'] }) }).audited[0]!.claim).toBeNull()
  })
})

describe('names of files and tags of wheels', () => {
  const file = (name: string, tags: string, ...others: readonly string[]): string[] =>
    found(Object.fromEntries([name, ...others].map((each) => [each, so(['PyList_New'])])), wheel(tags))

  test.each([
    ['x.abi3.so', 'cp39-abi3'],
    ['x.so', 'cp39-abi3'],
    ['x.abi3t.so', 'cp315-abi3.abi3t'],
    ['x.abi3t-x86_64-linux-gnu.so', 'cp315-abi3t'],
    ['x.abi3-x86_64-linux-gnu.so', 'cp315-abi3'],
    ['x.so', 'cp315-abi3.abi3t'],
    ['x.cpython-311-x86_64-linux-gnu.so', 'cp311-cp311'],
    ['pkg/x.abi3.so', 'cp39-abi3'],
  ])('%s fits %s', (name, tags) => {
    expect(file(name, tags)).toEqual([])
  })

  test.each([
    ['x.cpython-311-x86_64-linux-gnu.so', 'cp39-abi3', 'error wrong-file-name'],
    ['x.abi3.so', 'cp315-abi3.abi3t', 'error wrong-file-name'],
    ['x.abi3.so', 'cp315-abi3t', 'error wrong-file-name'],
    ['x.abi3t.so', 'cp313-abi3', 'error wrong-file-name'],
    ['x.abi3t.so', 'cp313-abi3t', 'error wrong-file-name'],
    ['x.abi3-x86_64-linux-gnu.so', 'cp312-abi3', 'error wrong-file-name'],
    ['x.abi3.so', 'cp311-cp311', 'warning wrong-wheel-tag'],
    ['x.abi3t.so', 'cp315-cp315t', 'warning wrong-wheel-tag'],
    ['x.abi3.so', 'cp313-cp313t', 'error wrong-wheel-tag'],
    ['x.abi3.so', 'py3-abi3', 'error wrong-wheel-tag'],
    ['x.abi3t.so', 'cp315-abi3', 'info wrong-wheel-tag'],
  ])('%s does not fit %s', (name, tags, expected) => {
    expect(file(name, tags)).toContain(expected)
  })

  test('a file beside it makes up for one', () => {
    expect(file('x.cpython-311-x86_64-linux-gnu.so', 'cp39-abi3', 'x.abi3.so')).toEqual(['info wrong-file-name'])
    expect(file('x.abi3.so', 'cp315-abi3.abi3t', 'x.abi3t.so')).toEqual([])
    expect(file('a/x.cpython-311-x86_64-linux-gnu.so', 'cp39-abi3', 'b/x.abi3.so')).toEqual(['error wrong-file-name'])
  })

  test('Windows knows no abi3 in names', () => {
    expect(found({ 'x.abi3.pyd': pyd({ 'python3.dll': ['PyList_New'] }) }, wheel('cp39-abi3'))).toEqual([
      'error wrong-file-name',
    ])
  })

  test("a name that is no wheel's, or differs from what is inside", () => {
    const verdicts = (name: string, text: string) =>
      audit(
        { wheel: { file: name, named: tagsOf(name), inside: tagsInside(text) }, parts: [] },
        null,
        api,
      ).findings.map(({ message }) => message)
    expect(verdicts('renamed.whl', 'Tag: cp39-abi3-any\n')).toEqual([
      "the name is no wheel's (PEP 427), so no installer takes it",
    ])
    expect(verdicts('x-1-cp310-abi3-any.whl', 'Tag: cp39-abi3-any\n')).toEqual([
      'its name says cp310-abi3, and its WHEEL file cp39-abi3',
    ])
    expect(
      verdicts(
        'x-1-cp39.cp310-abi3-a.b.whl',
        'Tag: cp39-abi3-a\nTag: cp310-abi3-a\r\nTag: cp39-abi3-b\nTag: cp310-abi3-b\n',
      ),
    ).toEqual([])
  })
})

describe('what a claim does not reach', () => {
  test('a file for one Python beside one for all is left over, and its imports are its own affair', () => {
    const beside = (name: string, tags = 'cp39-abi3') =>
      auditOf({ 'x.abi3.so': so(['PyList_New']), [name]: so(['_PyUnicode_Ready']) }, wheel(tags)).findings.map(
        ({ severity, message }) => `${severity} ${message}`,
      )
    expect(beside('x.cpython-38-x86_64-linux-gnu.so')).toEqual([
      'info `x.cpython-38-x86_64-linux-gnu.so` is left over: no Python that is claimed loads it (wheel tag cp39-abi3)',
    ])
    expect(beside('x.cpython-313t-x86_64-linux-gnu.so')).toEqual([expect.stringContaining('no Python that is claimed')])
    expect(beside('x.cpython-311-x86_64-linux-gnu.so')).toEqual([
      'info `x.cpython-311-x86_64-linux-gnu.so` is left over: CPython 3.11 loads it instead of `x.abi3.so`, and no ' +
        'other Python does',
    ])
    expect(beside('y.cpython-311-x86_64-linux-gnu.so').some((each) => each.includes('left over'))).toBe(false)
  })

  test('a wheel for one Python without a tag for its ABI claims nothing', () => {
    expect(found({ 'x.so': so(['_PyUnicode_Ready']) }, wheel('cp39-none'))).toEqual([])
    expect(found({ 'x.so': so(['_PyUnicode_Ready']) }, wheel('cp39.py3-none'))).toEqual([
      'error import-outside-abi _PyUnicode_Ready',
    ])
  })

  test('what is newer in the stable ABI than in Python, and what headers turned into imports', () => {
    const newer = (name: string, tags: string) => auditOf({ 'x.abi3.so': so([name]) }, wheel(tags)).findings[0]!
    expect(newer('PyBuffer_Release', 'cp39-abi3').message).toBe(
      '`PyBuffer_Release` is in the stable ABI from 3.11 on, and 3.9 is claimed (wheel tag cp39-abi3)',
    )
    expect(newer('Py_REFCNT', 'cp312-abi3')).toMatchObject({
      advice: 'build it with Py_LIMITED_API=0x030C0000 and headers without that fault: then it needs no such import',
      notes: [expect.stringContaining('3.14.1')],
    })
    expect(newer('Py_REFCNT', 'cp39-abi3').notes).toEqual([])
    expect(newer('PyObject_DelAttr', 'cp39-abi3').notes).toEqual([expect.stringContaining('3.13.5')])
  })
})

describe('the function that import calls', () => {
  const entry = (
    exports: readonly string[],
    tags: string,
    imports: readonly string[] = ['PyList_New'],
    name = 'x.so',
  ): string[] =>
    auditOf({ [name]: elf({ imports: { '': imports }, exports }) }, wheel(tags)).findings.map(
      ({ severity, message }) => `${severity}: ${message}`,
    )

  test('is there', () => {
    expect(entry(['PyInit_x'], 'cp39-abi3')).toEqual([])
    expect(entry(['PyModExport_x'], 'cp315-abi3.abi3t')).toEqual([])
    expect(entry(['PyInit_x', 'PyModExport_x'], 'cp313-abi3')).toEqual([])
  })

  test("is missing, or another module's", () => {
    expect(entry([], 'cp39-abi3')).toEqual([])
    expect(entry([], 'cp39-abi3', ['PyList_New'], 'x.abi3.so')).toEqual([
      'info: `x.abi3.so` exports neither `PyInit_x` nor `PyModExport_x`, so `import x` fails',
    ])
    expect(entry(['PyInit_y'], 'cp39-abi3')).toHaveLength(1)
  })

  test('is one that old Pythons do not know', () => {
    expect(entry(['PyModExport_x'], 'cp313-abi3')).toEqual([
      'error: it exports `PyModExport_x` and no `PyInit_x`, and before 3.15 Python knows only the latter; 3.13 is ' +
        'claimed (wheel tag cp313-abi3)',
    ])
  })

  test('gives abi3t a PyModuleDef', () => {
    expect(entry(['PyInit_x'], 'cp315-abi3.abi3t', ['PyModuleDef_Init'])).toEqual([
      'warning: it makes a PyModuleDef (it imports `PyModuleDef_Init`), whose layout is not part of abi3t',
    ])
    expect(entry(['PyInit_x'], 'cp315-abi3.abi3t', ['PyImport_ImportModule'])).toEqual([])
  })
})

test('names are read', () => {
  expect(tagsOf('x-1.0-2-cp39.cp310-abi3.abi3t-a.b.whl')).toEqual({
    pythons: ['cp39', 'cp310'],
    abis: ['abi3', 'abi3t'],
  })
  expect(tagsOf('x.whl')).toBeNull()
  expect(
    ['cp310', 'py3', 'cp35.cp39', 'cp27', 'pp39'].map((each) => floorOf({ pythons: each.split('.'), abis: [] })),
  ).toEqual([10, 2, 5, null, null])
  const kinds = [
    'x.so',
    'x.pyd',
    'x.abi3.so',
    'x.abi3t-darwin.so',
    'x.cpython-311-darwin.so',
    'x.cp311-win_amd64.pyd',
    'x.pypy39-pp73-darwin.so',
    'libx.so.1',
    'x.dylib',
    'a.b.so',
    'd/x.so',
  ]
  expect(kinds.map((each) => libraryName(each).kind)).toEqual([
    'any',
    'any',
    'abi3',
    'abi3t',
    'version',
    'version',
    'version',
    'library',
    'library',
    'library',
    'any',
  ])
})
