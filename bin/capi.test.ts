import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, run, scratch } from '../fixtures/command-line.ts'

/** The command `capi`. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const source = (fields: string, value: string): string => `#include <Python.h>
typedef struct { int version; ${fields} } Api;
static int boil(int minutes) { return minutes; }
static int fry(int minutes) { return minutes; }
static Api api = {${value}};
int add_api(PyObject *module)
{
    return PyModule_AddObject(module, "_C_API", PyCapsule_New(&api, "spam._C_API", NULL));
}
int cook(void) { return boil(1) + fry(1); }
`
const first = source('int (*boil)(int);', '1, boil')

describe('capi', () => {
  test('a table that was published may grow', async () => {
    const path = folder({ 'spam.c': first })
    expect(await run(path, ['capi', 'lock'])).toEqual({
      code: 0,
      stdout: '1 table written to capi.lock.json.\n',
      stderr: '',
    })
    expect(JSON.parse(readFileSync(join(path, 'capi.lock.json'), 'utf8'))).toEqual({
      schemaVersion: 1,
      tables: [
        { capsule: 'spam._C_API', shape: 'struct', version: '1', entries: ['version: int', 'boil: int(*)(int)'] },
      ],
    })
    expect(await run(path, ['capi', 'check'])).toEqual({ code: 0, stdout: '1 table, 0 changes.\n', stderr: '' })
    writeFileSync(join(path, 'spam.c'), source('int (*boil)(int); int (*fry)(int);', '1, boil, fry'))
    expect(await run(path, ['capi', 'check'])).toEqual({
      code: 0,
      stdout: '"spam._C_API" has more than capi.lock.json says: run abi3lint capi lock.\n1 table, 0 changes.\n',
      stderr: '',
    })
  })
  test.each([
    [
      'int (*fry)(int); int (*boil)(int);',
      '1, fry, boil',
      'entry 1 of "spam._C_API" was `boil: int(*)(int)` and is `fry: int(*)(int)`',
    ],
    [
      'int (*boil)(long hours);',
      '1, boil',
      'entry 1 of "spam._C_API" was `boil: int(*)(int)` and is `boil: int(*)(long)`',
    ],
    ['', '1', '"spam._C_API" hands out no table any more'],
  ])('and not change otherwise: %s', async (fields, value, message) => {
    const path = folder({ 'spam.c': first })
    await run(path, ['capi', 'lock'])
    writeFileSync(join(path, 'spam.c'), source(fields, value))
    const { code, stdout } = await run(path, ['capi', 'check'])
    expect({ code, message: stdout.split('\n')[0] }).toEqual({
      code: 1,
      message: `error[changed-capsule-table] ${message}`,
    })
    expect(stdout).toContain(', 1 change.\n')
  })
  test('names of parameters are no matter', async () => {
    const path = folder({ 'spam.c': first })
    await run(path, ['capi', 'lock'])
    writeFileSync(join(path, 'spam.c'), source('int (*boil)(int /* of cooking */ minutes);', '1, boil'))
    expect((await run(path, ['capi', 'check'])).stdout).toBe('1 table, 0 changes.\n')
  })
  test('but with another version', async () => {
    const path = folder({ 'spam.c': first })
    await run(path, ['capi', 'lock', '--lock', 'api.json', 'spam.c'])
    writeFileSync(join(path, 'spam.c'), source('int (*fry)(int);', '2, fry'))
    expect((await run(path, ['capi', 'check', '--lock', 'api.json'])).code).toBe(0)
  })
  test('tables on the heap, and what a macro says of their version', async () => {
    const onHeap = (version: number, field: string): string => `#include <Python.h>
#define API_VERSION ${version}
typedef struct { int version; int (*${field})(int); } Api;
static int boil(int minutes) { return minutes; }
int add_api(PyObject *module)
{
    Api *api = (Api *)PyMem_Malloc(sizeof(Api));
    if (api == NULL)
        return -1;
    api->version = API_VERSION;
    api->${field} = boil;
    return PyModule_AddObject(module, "_C_API", PyCapsule_New(api, "spam._C_API", NULL));
}
`
    const path = folder({ 'spam.c': onHeap(1, 'boil') })
    await run(path, ['capi', 'lock'])
    expect(JSON.parse(readFileSync(join(path, 'capi.lock.json'), 'utf8'))).toMatchObject({
      tables: [{ version: '1', entries: ['version: int', 'boil: int(*)(int)'] }],
    })
    writeFileSync(join(path, 'spam.c'), onHeap(1, 'fry'))
    expect((await run(path, ['capi', 'check'])).code).toBe(1)
    writeFileSync(join(path, 'spam.c'), onHeap(2, 'fry'))
    expect((await run(path, ['capi', 'check'])).code).toBe(0)
  })
  test('arrays, too', async () => {
    const array = (entries: string): string =>
      first
        .replace(/typedef.*\n/, '')
        .replace(/static Api api.*\n/, `static void *api[] = {${entries}};\n`)
        .replace('&api', 'api')
    const path = folder({ 'spam.c': array('(void *)boil, (void *)fry') })
    await run(path, ['capi', 'lock'])
    writeFileSync(join(path, 'spam.c'), array('(void *)boil'))
    expect(await run(path, ['capi', 'check'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('entry 1 of "spam._C_API", `fry: int(int)`, is gone\n'),
    })
  })
  test('what cannot be read', async () => {
    const path = folder({ 'spam.c': first, 'capi.lock.json': '{"schemaVersion": 2}' })
    expect(await run(path, ['capi', 'check'])).toMatchObject({
      code: 2,
      stderr: 'error: capi.lock.json was not written by abi3lint capi lock\n',
    })
    expect(await run(path, ['capi', 'check', '--lock', 'nowhere.json'])).toMatchObject({
      code: 2,
      stderr: 'error: nowhere.json is not there; abi3lint capi lock writes it\n',
    })
    expect(await run(path, ['capi', 'check', 'nowhere.c'])).toMatchObject({ code: 2 })
    expect(await run(path, ['capi', 'lock', '--lock', 'nowhere/lock.json'])).toMatchObject({ code: 2 })
  })
})

describe('capi knows a version', () => {
  const fixed = (major: number, fields: string): string => `#define MAJOR ${major}\n${source(fields, 'MAJOR, boil')}`
  const heap = (major: number, fields: string): string => `#include <Python.h>
#define MAJOR ${major}u
typedef struct { size_t size; unsigned major, minor; } Head;
typedef struct { Head head; ${fields} } Api;
static int boil(int minutes) { return minutes; }
static void drop(PyObject *capsule) { PyMem_Free(PyCapsule_GetPointer(capsule, "spam._C_API")); }
int add_api(PyObject *module)
{
    PyObject *capsule;
    Api *api = (Api *)PyMem_Malloc(sizeof(Api));
    if (api == NULL) {
        return -1;
    }
    api->head.size = sizeof(Api);
    api->head.major = MAJOR;
    api->boil = boil;
    capsule = PyCapsule_New(api, "spam._C_API", drop);
    return PyObject_SetAttrString(module, "_C_API", capsule);
}
`
  test.each([
    ['of a macro', fixed],
    ['that is written into a new table', heap],
  ])('%s', async (_, written) => {
    const path = folder({ 'spam.c': written(1, 'int (*boil)(int);') })
    await run(path, ['capi', 'lock'])
    expect(JSON.parse(readFileSync(join(path, 'capi.lock.json'), 'utf8')).tables).toMatchObject([{ version: '1' }])
    writeFileSync(join(path, 'spam.c'), written(1, 'int (*boil)(long);'))
    expect((await run(path, ['capi', 'check'])).code).toBe(1)
    writeFileSync(join(path, 'spam.c'), written(2, 'int (*boil)(long);'))
    expect((await run(path, ['capi', 'check'])).code).toBe(0)
  })
})

describe('capi sees to minor versions', () => {
  const entries = { twice: 'int (*twice)(int);', thrice: 'int (*thrice)(int);' }
  const table = (major: number, minor: number, fields: readonly string[]): string => `#include <Python.h>
#define MAJOR ${major}
#define MINOR ${minor}u
typedef struct { int major, minor; ${fields.join(' ')} } Api;
static int times(int number) { return number; }
static Api api = {MAJOR, MINOR, times};
int add_api(PyObject *module)
{
    return PyModule_AddObject(module, "_C_API", PyCapsule_New(&api, "spam._C_API", NULL));
}
`
  const locked = async (): Promise<string> => {
    const path = folder({ 'spam.c': table(1, 0, [entries.twice]) })
    await run(path, ['capi', 'lock'])
    expect(JSON.parse(readFileSync(join(path, 'capi.lock.json'), 'utf8')).tables).toMatchObject([
      { version: '1', minor: '0' },
    ])
    return path
  }
  const says = async (path: string, action: string): Promise<readonly [number | null, readonly string[]]> => {
    const { code, stdout } = await run(path, ['capi', action])
    return [code, stdout.trimEnd().split('\n')]
  }
  const isSame =
    'error[changed-capsule-table] "spam._C_API" has a new entry, `thrice: int(*)(int)`, ' +
    'and its minor version is 0 and was 0'
  const advice = '  = Users ask for the minor version before they use what was added: raise it with each release.'

  test('an entry that is added raises it', async () => {
    const path = await locked()
    const before = readFileSync(join(path, 'capi.lock.json'), 'utf8')
    writeFileSync(join(path, 'spam.c'), table(1, 0, [entries.twice, entries.thrice]))
    expect(await says(path, 'check')).toEqual([1, [isSame, advice, '1 table, 1 change.']])
    expect(await says(path, 'lock')).toEqual([
      1,
      [isSame, advice, 'capi.lock.json was left as it was; if what it says was never published, remove it.'],
    ])
    expect(readFileSync(join(path, 'capi.lock.json'), 'utf8')).toBe(before)
    writeFileSync(join(path, 'spam.c'), table(1, 1, [entries.twice, entries.thrice]))
    expect(await says(path, 'check')).toEqual([
      0,
      ['"spam._C_API" has more than capi.lock.json says: run abi3lint capi lock.', '1 table, 0 changes.'],
    ])
    expect((await run(path, ['capi', 'lock'])).code).toBe(0)
    writeFileSync(join(path, 'spam.c'), table(1, 0, [entries.twice, entries.thrice]))
    expect((await says(path, 'check'))[1][0]).toBe(
      'error[changed-capsule-table] the minor version of "spam._C_API" is 0 and was 1',
    )
  })
  test('and another major version begins anew', async () => {
    const path = await locked()
    writeFileSync(join(path, 'spam.c'), table(2, 0, ['int (*twice)(long);']))
    expect(await says(path, 'check')).toEqual([
      0,
      ['"spam._C_API" has another version than capi.lock.json says: run abi3lint capi lock.', '1 table, 0 changes.'],
    ])
    expect((await run(path, ['capi', 'lock'])).code).toBe(0)
  })
  test('one that was written down without it is taken as it is', async () => {
    const path = await locked()
    const lock = JSON.parse(readFileSync(join(path, 'capi.lock.json'), 'utf8'))
    delete lock.tables[0].minor
    writeFileSync(join(path, 'capi.lock.json'), JSON.stringify(lock))
    writeFileSync(join(path, 'spam.c'), table(1, 0, [entries.twice, entries.thrice]))
    expect((await run(path, ['capi', 'check'])).code).toBe(0)
  })
  test('the headers of `new native-interface`', async () => {
    const path = folder({})
    await run(path, ['new', 'native-interface', 'spam'])
    const header = readFileSync(join(path, 'spam_api.h'), 'utf8')
    writeFileSync(join(path, 'spam.c'), '#include <Python.h>\n#include "spam_export.h"\n')
    await run(path, ['capi', 'lock'])
    const grown = header
      .replace('    const char *greeting;', '    const char *greeting; int (*thrice)(int number);')
      .replace('SPAM_API_END(greeting)', 'SPAM_API_END(thrice)')
    writeFileSync(join(path, 'spam_api.h'), grown)
    const [code, [first]] = await says(path, 'check')
    expect([code, first]).toEqual([1, expect.stringContaining('its minor version is 0 and was 0')])
    writeFileSync(join(path, 'spam_api.h'), grown.replace('SPAM_API_MINOR 0', 'SPAM_API_MINOR 1'))
    expect((await run(path, ['capi', 'check'])).code).toBe(0)
  })
})
