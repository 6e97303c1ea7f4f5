import type { AssetName } from '../../analyzer/workspace/store.ts'
import type { AnswerTo, Change, CheckAnswer, Question, Source } from './answer.ts'
import { showCard, showChange, showFindings, showMatrix } from './panels.ts'
import { fragmentOf, sourceIn } from './share.ts'
import type { Answered } from './worker.ts'

/** The page: what is typed goes to the analyzer, and what it says is shown. */

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T

const text = element<HTMLTextAreaElement>('text')
const target = element<HTMLSelectElement>('target')
const language = element<HTMLSelectElement>('language')
const example = element<HTMLSelectElement>('example')
const what = element<HTMLSelectElement>('what')
const take = element<HTMLButtonElement>('take')
const share = element<HTMLButtonElement>('share')
const nameField = element<HTMLInputElement>('name')
const status = element('status')
const tabs = [...element('tabs').querySelectorAll<HTMLButtonElement>('[role="tab"]')]

/** Milliseconds after the last key before the source is checked. */
const pause = 150

const examples = JSON.parse(element('examples').textContent!) as readonly { title: string; source: Source }[]

/** What stands packed in a data block of the page. */
async function unpacked(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const block = element(id)
  const packed = Uint8Array.from(atob(block.textContent!.trim()), (each) => each.charCodeAt(0))
  block.remove()
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

const assetNames: readonly AssetName[] = [
  'table.json',
  'web-tree-sitter.wasm',
  'tree-sitter-c.wasm',
  'tree-sitter-cpp.wasm',
]

/** Starts the thread with the analyzer. @returns asks it */
async function start(): Promise<<Q extends Question>(question: Q) => Promise<AnswerTo<Q>>> {
  const [program, ...assets] = await Promise.all(['program', ...assetNames].map(unpacked))
  const worker = new Worker(URL.createObjectURL(new Blob([program!], { type: 'text/javascript' })))
  const waiting = new Map<number, { done(answer: unknown): void; fail(error: Error): void }>()
  worker.onmessage = ({ data }: MessageEvent<Answered>) => {
    const asked = waiting.get(data.id)
    waiting.delete(data.id)
    if ('fault' in data) asked?.fail(new Error(data.fault))
    else asked?.done(data.answer)
  }
  worker.onerror = ({ message }) => {
    status.textContent = `The analyzer cannot be started: ${message}`
  }
  worker.postMessage(new Map(assetNames.map((name, at) => [name, assets[at]!])))
  let last = 0
  return <Q extends Question>(question: Q) =>
    new Promise((done, fail) => {
      waiting.set(++last, { done: done as (answer: unknown) => void, fail })
      worker.postMessage({ id: last, question })
    })
}

const sourceNow = (): Source => ({ file: language.value, text: text.value, target: target.value })

/** Does what was asked last, when what was asked before is done. */
function latest(work: () => Promise<void>): () => void {
  let isWorking = false
  let isAsked = false
  const go = async (): Promise<void> => {
    isAsked = true
    if (isWorking) return
    isWorking = true
    while (isAsked) {
      isAsked = false
      try {
        await work()
      } catch (error) {
        status.textContent = `A fault of abi3lint: ${(error as Error).message}`
      }
    }
    isWorking = false
  }
  return () => void go()
}

const select = (start: number, end: number): void => {
  text.focus()
  text.setSelectionRange(start, end)
  const line = text.value.slice(0, start).split('\n').length
  const height = Number.parseFloat(getComputedStyle(text).lineHeight)
  text.scrollTop = Math.max(0, (line - 5) * height)
}

function openTab(tab: HTMLButtonElement): void {
  for (const each of tabs) {
    const isOpen = each === tab
    each.setAttribute('aria-selected', String(isOpen))
    each.tabIndex = isOpen ? 0 : -1
    element(each.getAttribute('aria-controls')!).hidden = !isOpen
  }
}

function moveInTabs(event: KeyboardEvent): void {
  const at = tabs.indexOf(event.target as HTMLButtonElement)
  const keys: Readonly<Record<string, number>> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }
  const to = keys[event.key]
  if (at < 0 || to === undefined) return
  event.preventDefault()
  const tab = tabs.at(to % tabs.length)!
  openTab(tab)
  tab.focus()
  tab.click()
}

function fillChoices(): void {
  target.add(new Option('what the source says', ''))
  for (const name of JSON.parse(element('targets').textContent!) as readonly string[]) target.add(new Option(name))
  target.value = '3.12'
  for (const [at, { title }] of examples.entries()) example.add(new Option(title, String(at)))
}

function put({ file, text: words, target: level }: Source): void {
  text.value = words
  language.value = file
  target.value = level
}

const told = ({ targets, findings, problems }: CheckAnswer, milliseconds: number): string => {
  const count = `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`
  const said = [`${count} for ${targets.join(', ')}, in ${Math.round(milliseconds)} ms`, ...problems]
  return said.join('; ')
}

async function main(): Promise<void> {
  fillChoices()
  put((await sourceIn(location.hash)) ?? examples[0]!.source)
  const ask = await start()
  let changed: string | null = null
  const isOpen = (id: string): boolean => !element(id).hidden
  const check = latest(async () => {
    const begun = performance.now()
    const answer = await ask({ kind: 'check', source: sourceNow() })
    showFindings(element('panel-findings'), answer, select)
    showMatrix(element('panel-targets'), answer)
    status.textContent = told(answer, performance.now() - begun)
  })
  const change = latest(async () => {
    const answer = await ask({ kind: 'change', source: sourceNow(), what: what.value as Change })
    changed = answer.text
    take.disabled = changed === null
    showChange(element('change'), answer)
  })
  const card = latest(async () => {
    showCard(element('card'), nameField.value.trim(), await ask({ kind: 'card', name: nameField.value.trim() }))
  })
  const all = (): void => {
    check()
    if (isOpen('panel-change')) change()
  }
  let timer = 0
  text.addEventListener('input', () => {
    clearTimeout(timer)
    timer = window.setTimeout(all, pause)
  })
  for (const each of [target, language]) each.addEventListener('change', all)
  what.addEventListener('change', change)
  nameField.addEventListener('input', card)
  example.addEventListener('change', () => {
    if (example.value === '') return
    put(examples[Number(example.value)]!.source)
    all()
  })
  take.addEventListener('click', () => {
    if (changed === null) return
    text.value = changed
    all()
  })
  for (const tab of tabs) {
    tab.addEventListener('click', () => {
      openTab(tab)
      if (tab.id === 'tab-change') change()
      if (tab.id === 'tab-card') card()
    })
  }
  element('tabs').addEventListener('keydown', moveInTabs)
  share.addEventListener('click', async () => {
    location.hash = await fragmentOf(sourceNow())
    try {
      await navigator.clipboard.writeText(location.href)
      status.textContent = 'The link is in the clipboard; the source is in it'
    } catch {
      status.textContent = 'The link is in the address bar; the source is in it'
    }
  })
  addEventListener('hashchange', async () => {
    const shared = await sourceIn(location.hash)
    if (shared === null || shared.text === text.value) return
    put(shared)
    all()
  })
  all()
}

await main()
