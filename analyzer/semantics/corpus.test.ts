import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { over, projectsIn, textsOf } from '../../fixtures/corpus.ts'
import { api, factsOf } from '../../fixtures/in-memory.ts'
import { parseTarget } from '../knowledge/target.ts'
import { linkProject, ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import { callsOf } from './calls.ts'
import { deallocationOf, releasesMember, traversalOf } from './deallocation.ts'
import type { Effect } from './effect-list.ts'
import { effectsOf } from './effects.ts'
import type { Body } from './functions.ts'
import {
  doubtsOf,
  functionOf,
  hasBase,
  hasFlag,
  hasFlagWith,
  hasOwnMemory,
  insertionPoint,
  isOfSlot,
  objectOf,
  regionOf,
  shownType,
  specsOf,
  typeBehind,
  typeDefinitions,
  typeVariable,
} from './heap-types.ts'
import { modulesOf } from './modules.ts'
import { firstPythonInclude } from './python-include.ts'
import { isGuardedSlot } from './slot-guards.ts'
import { hiddenSizes } from './structs.ts'
import type { TypeDefinition } from './type-definition.ts'
import { isFilled, type TypeSpec } from './type-specs.ts'
import { versionComparisons } from './version-comparisons.ts'

/**
 * What is made of the projects in `corpus`, a directory each, for two targets, written down: what functions do to what
 * they get, types, comparisons of versions, sizes that are hidden, modules. `vitest run
 * analyzer/semantics/corpus.test.ts -u` writes it anew.
 */

const here = fileURLToPath(new URL('corpus', import.meta.url))
const targets = ['3.9', 'abi3t'].map((name) => parseTarget(name)!)
const flags = ['Py_TPFLAGS_DEFAULT', 'Py_TPFLAGS_HAVE_GC', 'Py_TPFLAGS_BASETYPE']

function shownEffect({ what, on, how, type, isOwn, reason }: Effect): string {
  const whom = on === null ? 'others' : `${on.parameter}${on.isCertain ? '' : '?'} as ${on.as}`
  const slot = on?.slot ? ` ${on.slot} of ${on.type}` : ''
  return `${what} ${type}${type && '.'}${how} on ${whom}${slot}${isOwn ? '' : ', elsewhere'}${reason && ` (${reason})`}`
}

/** What is called is told by itself, and `effects.test.ts` has what is looked into. */
const isShown = ({ what }: Effect): boolean => what !== 'call' && what !== 'read' && what !== 'test'

/** What is said of one project. */
class Description {
  readonly lines: string[] = []
  private readonly project
  private readonly models: readonly ProjectModel[]

  constructor(private readonly texts: Readonly<Record<string, string>>) {
    const sources = Object.fromEntries(Object.entries(texts).filter(([file]) => !file.endsWith('.py')))
    this.project = linkProject(factsOf(sources), undefined, new Map(Object.entries(sources)))
    this.models = targets.map((target) => new ProjectModel(this.project, api, target))
    this.modules()
    this.project.files.forEach(({ file }, id) => {
      this.lines.push(`== ${file}`)
      this.file(id)
    })
  }

  private modules(): void {
    const text = this.texts['setup.py']
    const buildFiles = text === undefined ? [] : [{ kind: 'setup.py', path: 'setup.py', text } as const]
    const names = (files: readonly FileId[]): string => files.map((id) => this.project.files[id]!.file).join(' ')
    for (const { name, definedIn, files } of modulesOf(this.project, buildFiles))
      this.lines.push(`module ${name} defined in ${names([definedIn])}: ${names(files)}`)
  }

  private file(id: FileId): void {
    const { lines, models } = this
    const facts = this.project.files[id]!
    const code = this.project.code(id)
    lines.push(`brings Python.h: ${over(models, (model) => this.include(model, id))}`)
    for (const { macro, value, region } of versionComparisons(facts))
      lines.push(`region ${region} compares ${macro} with ${value.toString(16)}`)
    for (const { name, start } of facts.uses) {
      if (!/^Py_(?:tp|am|bf)_/.test(name) || code.functionAt(start) === null) continue
      const [model] = models
      lines.push(`${this.at(id, start)} ${name}${isGuardedSlot(model!, id, start) ? ' is guarded' : ''}`)
    }
    lines.push(
      ...this.split((model) =>
        [...hiddenSizes(model)]
          .flatMap((size) => (size.file === id ? [size] : []))
          .map(
            ({ need, struct, isTypeObject, doubts }) =>
              `${this.at(id, need.start)} needs the size of ${struct.name} (${need.how})` +
              `${isTypeObject ? ', a type object' : ''} ${doubts.join('; ')}`,
          ),
      ),
    )
    for (const each of code.allFunctions())
      lines.push(...this.split((model) => this.function(model, { file: id, code: each })))
    this.specs(id)
    lines.push(
      ...this.split((model) =>
        typeDefinitions(model)
          .filter(({ file }) => file === id)
          .flatMap((type) => this.type(model, type)),
      ),
    )
  }

  private include(model: ProjectModel, id: FileId): string {
    const found = firstPythonInclude(model, id)
    if (found === null) return 'no'
    return `${found.verdict} ${found.include.path} ${found.through < 0 ? '' : this.project.files[found.through]!.file}`
  }

  private function(model: ProjectModel, body: Body): string[] {
    if (model.active(body.file, regionOf(model, body)) === 'no') return [`${body.code.name}: not compiled`]
    const told = effectsOf(model, body)
    const effects = told.filter(isShown).map(shownEffect)
    const called = told.flatMap(({ what, how, isOwn }) => (what === 'call' ? [isOwn ? how : `(${how})`] : []))
    const all = effectsOf(model, body, 'all').filter(isShown).map(shownEffect)
    const { frees, releasesType, doubts } = deallocationOf(model, body)
    const traversal = traversalOf(model, body)
    const { span } = body.code
    const end = span.end - 1
    const place = insertionPoint(model, body, this.project.code(body.file).text.lastIndexOf(';', end))
    const said = [
      isOfSlot(model, body) ? 'only in slots' : 'used elsewhere',
      `object ${objectOf(body)}`,
      `type ${typeVariable(body, end)} ${typeVariable(body, span.start)}`,
      `frees ${frees.map(({ how }) => how).join(' ')}`,
      releasesType ? 'releases the type' : '',
      told.some(releasesMember) ? 'releases members' : '',
      traversal.visitsType ? 'visits the type' : '',
      ...new Set([...doubts, ...traversal.doubts]),
      place === null ? 'last nowhere' : `last ${this.at(body.file, place.span.start)}`,
      place?.isDeclaration ? 'a declaration' : '',
    ]
    const others = all.filter((each) => !effects.includes(each)).map((each) => `  in other branches: ${each}`)
    return [
      `${body.code.name}: ${said.filter((each) => each !== '').join(', ')}`,
      ...(called.length > 0 ? [`  calls ${[...new Set(called)].join(' ')}`] : []),
      ...effects.map((each) => `  ${each}`),
      ...others,
    ]
  }

  private specs(id: FileId): void {
    const { lines, models } = this
    const [model] = models
    const { specs, slotTables, offsetMembers, hasModuleMember, calls } = specsOf(model!, id)
    for (const spec of specs) lines.push(`spec ${this.spec(id, spec)}`)
    for (const { variable, entries, isWhole, last, region } of slotTables)
      lines.push(
        `slots ${variable} in region ${region}${isWhole ? '' : ', perhaps others'}, ends in ${last}`,
        ...entries.map(
          ({ slot, value, isNull, lead, region: where }) =>
            `  ${slot} ${value}${isNull ? ', null' : ''} in region ${where} behind ${JSON.stringify(lead)}`,
        ),
      )
    for (const { table, name, type, flags: given } of offsetMembers)
      lines.push(`member ${name} of ${table}: ${type.kind} ${given?.kind ?? 'no flags'}`)
    if (hasModuleMember) lines.push('has a member __module__')
    for (const call of calls) {
      const behind = over(models, (each) => this.behind(each, id, call.result))
      const result = `${call.result}${isFilled(call) ? ', filled' : ''}`
      lines.push(`${this.at(id, call.span.start)} ${call.name} into ${result}: ${behind}`)
    }
  }

  private behind(model: ProjectModel, id: FileId, result: string | null): string {
    const type = result === null ? null : typeBehind(model, id, result)
    return type === null ? 'no type known' : shownType(type)
  }

  private spec(
    id: FileId,
    { variable, name, itemSizes, flags: given, flagNames, hasOpenFlags, slots }: TypeSpec,
  ): string {
    const where = name === null ? 'no name' : `${name.text} at ${this.at(id, name.span.start)}`
    const sizes = itemSizes
      .map(({ span, region }) => `, item size at ${this.at(id, span.start)} in region ${region}`)
      .join('')
    const names = [...given, ...flagNames].map(({ name: flag, region }) => `${flag} in ${region}`).join(' ')
    return `${variable}: ${where}${sizes}, ${names}${hasOpenFlags ? ' or others' : ''}, slots ${slots}`
  }

  private type(model: ProjectModel, type: TypeDefinition): string[] {
    const { kind, entries, isWhole, head } = type
    const shownFlags = flags.map(
      (flag) => `${flag} ${hasFlag(model, type, flag)}${hasFlagWith(type, flag, head.region) ? ' everywhere' : ''}`,
    )
    const functions = entries.map(({ slot }) => {
      const body = functionOf(model, type, slot)
      if (body === null) return `  ${slot}: no function`
      const { file } = this.project.files[body.file]!
      return `  ${slot}: ${body.code.name} of ${file} ${doubtsOf(model, type, body).join('; ')}`
    })
    const others = `${isWhole ? '' : ', perhaps other slots'}${hasOwnMemory(type) ? ', own memory' : ''}`
    const doubts = doubtsOf(model, type, null).join('; ')
    const name = `${kind === 'heap' ? '' : `${kind} `}type ${shownType(type)}`
    return [`${name}: ${shownFlags.join(', ')}; base ${hasBase(model, type)}${others} ${doubts}`, ...functions]
  }

  /** Lines that are the same for all targets once, the others for each. */
  private split(ask: (model: ProjectModel) => readonly string[]): string[] {
    const all = this.models.map(ask)
    if (all.every((each) => each.join('\n') === all[0]!.join('\n'))) return [...all[0]!]
    return all.flatMap((each, index) => each.map((line) => `${['3.9', 'abi3t'][index]}: ${line}`))
  }

  private at(id: FileId, offset: Offset): string {
    const { file } = this.project.files[id]!
    return `${this.texts[file]!.slice(0, offset).split('\n').length}`
  }
}

test.each(projectsIn(here))('%s is what it was', async (project) => {
  const { lines } = new Description(textsOf(join(here, project)))
  await expect(`${lines.map((line) => line.trimEnd()).join('\n')}\n`).toMatchFileSnapshot(join(here, `${project}.txt`))
})

test('calls of a function are found where they are compiled', () => {
  const texts = textsOf(join(here, 'effects'))
  const model = new ProjectModel(
    linkProject(factsOf(texts), undefined, new Map(Object.entries(texts))),
    api,
    targets[0]!,
  )
  const found = [...callsOf(model, 'PyObject_Del')].map(
    ({ file, around, call, doubts }) =>
      `${model.files[file]!.file} ${around.name}: ${[`${call.operands.length} operands`, ...doubts].join(', ')}`,
  )
  expect(found).toMatchInlineSnapshot(`
    [
      "a.c conditions: 1 operands, whether it is compiled depends on options of the build",
      "a.c twice_defined: 1 operands",
    ]
  `)
})
