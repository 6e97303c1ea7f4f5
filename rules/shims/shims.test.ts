import { describe, expect, test } from 'vitest'
import { recipes } from '../../analyzer/knowledge/recipes/index.ts'
import { parseTarget } from '../../analyzer/knowledge/target.ts'
import { api, check } from '../../fixtures/rules.ts'
import { rules } from '../index.ts'
import { findShim, ShimError, shimHeader } from './header.ts'
import { shimList, shims } from './index.ts'

const texts = shimList.flatMap((shim) => [shim.limited, shim.full])
const namesIn = (text: string): string[] => [...text.matchAll(/\bPep\w+/g)].map(([name]) => name)

describe('the list', () => {
  test('no name is defined by two shims', () => {
    const names = shimList.flatMap(({ provides }) => provides)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(names.filter((name) => !name.startsWith('Pep'))).toEqual([])
  })

  test('what recipes use is there', () => {
    expect(
      [...recipes.values()]
        .flat()
        .flatMap((recipe) => recipe.shims)
        .filter((name) => !shims.has(name)),
    ).toEqual([])
  })

  test('what is replaced is a name of the C API or a field of its structs', () => {
    // private names that no header of the table has, and tracebacks, whose struct no table has
    const old = new Set([
      '_PyObject_CallNoArg',
      '_PyObject_CallOneArg',
      '_PyObject_Vectorcall',
      '_PyObject_VectorcallMethod',
      '_PyUnicode_EQ',
    ])
    const unknown = shimList
      .flatMap(({ replaces }) => replaces)
      .filter((name) => {
        if (old.has(name)) return false
        const [struct, field] = name.split('.')
        return field === undefined
          ? api.fact(name) === null && api.struct(name) === null
          : !api.struct(struct!)?.fields.has(field)
      })
    expect(unknown).toEqual([])
  })

  test('every name that C uses is defined by a shim, or beside the use', () => {
    for (const text of texts) {
      const own = new Set(
        [
          ...text.matchAll(/^\} (Pep\w+);$/gm),
          ...text.matchAll(
            /#define (Pep\w+)|\b(Pep\w+)\(\s*(?:void|const|int|size_t|unsigned|double|Py|visitproc|\w+ \*)/g,
          ),
        ].map((match) => match[1] ?? match[2]),
      )
      const missing = namesIn(text).filter(
        (name) => !shims.has(name) && !own.has(name) && !name.startsWith('PepTypeObject_Probe_'),
      )
      expect(missing).toEqual([])
    }
  })

  test('a shim works wherever those work that it uses', () => {
    const wrong = shimList.flatMap((shim) =>
      [...new Set(namesIn(shim.limited + shim.full))]
        .map((name) => shims.get(name))
        .filter((other) => other !== undefined && other.since > shim.since)
        .map((other) => `${shim.provides[0]} uses ${other!.provides[0]}`),
    )
    expect(wrong).toEqual([])
  })

  test('the real thing is in the Limited API where a shim says so', () => {
    for (const { provides, replaces, until } of shimList) {
      const there = replaces.filter(
        (name) =>
          !name.includes('.') &&
          !name.startsWith('_') &&
          api.offers(name, { level: until ?? 15, headers: 15, abi3t: false }),
      )
      if (until === null)
        expect(
          there.filter((name) => !['PyHeapTypeObject', 'PyTypeObject'].includes(name)),
          provides[0],
        ).toEqual([])
      else expect(there.length, provides[0]).toBeGreaterThan(0)
    }
  })

  test('no object is kept for the process: statics are constant or of the C library', () => {
    const statics = texts.flatMap((text) =>
      [...text.matchAll(/^\s+static (?!inline).*$/gm)].map(([line]) => line.trim()),
    )
    expect([...new Set(statics)].sort()).toEqual([
      // empty where no deallocation is going on
      'static PEP_THREAD_LOCAL PepTrash trash;',
      'static PyMethodDef methods[] = {',
      'static const char key[] = "pep:extra data of types";',
    ])
    expect(texts.join('\n')).not.toMatch(/^static (?!inline)/m)
  })

  test('the Limited API is asked for its level, not for the version of the headers', () => {
    for (const { limited, full } of shimList) {
      if (limited !== full) expect(limited).not.toContain('PY_VERSION_HEX')
    }
  })
})

describe('the header', () => {
  test('has what is asked for and what that uses, each before its use', () => {
    const header = shimHeader(['PyRun_SimpleString'], 9)
    const defined = [...header.matchAll(/^static inline [^(]*?(Pep\w+)\(/gm)].map(([, name]) => name)
    expect(defined).toEqual(
      [
        'PepDict_ContainsString',
        'PepImport_AddModuleRef',
        'PepRun_Code',
        'PepRun_String',
        'PepRun_SimpleString',
      ].flatMap((name) => defined.filter((each) => each === name)),
    )
    expect(defined).toContain('PepRun_String')
    expect(header).not.toContain('PepDateTime')
  })

  test('leaves out what the level does not need', () => {
    expect(shimHeader(['PepLong_AsInt'], 9)).toContain('static inline int PepLong_AsInt')
    expect(shimHeader(['PepLong_AsInt'], 13)).toContain('#define PepLong_AsInt PyLong_AsInt')
    expect(shimHeader(['PepLong_AsInt'], 9)).toContain(
      '#if (defined(Py_LIMITED_API) && Py_LIMITED_API + 0 < 0x030D0000) || (!defined(Py_LIMITED_API) && ' +
        'PY_VERSION_HEX < 0x030D0000)\n',
    )
  })

  test('refuses levels below its own', () => {
    expect(shimHeader(['PepRun_String'], 9)).toContain(
      '#if defined(Py_LIMITED_API) && Py_LIMITED_API + 0 < 0x03090000\n#  error',
    )
    expect(shimHeader(['PepRun_String'], 2)).not.toContain('#  error')
  })

  test('throws for a name that no shim has, and for a level that is too low', () => {
    expect(() => shimHeader(['PepRun_Strin'], 9)).toThrow(
      'there is no shim for PepRun_Strin; did you mean PepRun_String',
    )
    expect(() => shimHeader(['PepCell_New'], 7)).toThrow('works from level 3.8 on')
    expect(() => shimHeader(['nothing at all'], 9)).toThrow(ShimError)
  })

  test('no shim is lost under the names that it replaces', () => {
    expect(findShim('PyRun_String')?.provides).toContain('PepRun_String')
    expect(findShim('PyTypeObject.tp_name')?.provides).toContain('PepType_GetTpName')
    expect(findShim('PyTypeObject.tp_dict')?.provides).toContain('PepType_GetDict')
    expect(findShim('PyWhatever')).toBe(null)
  })
})

describe('abi3lint finds nothing in a header of all shims', () => {
  for (const text of ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.15', 'abi3t']) {
    test(text, async () => {
      const target = parseTarget(text)!
      const names = shimList.filter(({ since }) => since <= target.level).map(({ provides }) => provides[0])
      const files = { 'pep_shims.h': shimHeader(names, target.level), 'spam.c': '#include "pep_shims.h"\n' }
      // PyType_GetModule, which Windows lacks in 3.9, is an info at that level
      const found = (await check(files, rules, [target])).filter(({ severity }) => severity !== 'info')
      expect(
        found.map(
          ({ rule, severity, symbol, message, file, start }) =>
            `${severity} ${rule} ${symbol}: ${message} (${file}, ${start})`,
        ),
      ).toEqual([])
    })
  }
})
