import { accessSync, constants, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

/**
 * Starts the program, which is one file. What V8 makes of that is kept beside it, by the first run that analyses
 * something and may write there: compiling it takes longer than all the rest of a small run.
 */

/** The name of that file, which tells what is in it. `bin/build.mjs` puts it here. */
declare const programName: string

interface Program {
  run(): Promise<void>
}

/** What that file is a text of. */
type ProgramFunction = (
  module: { exports: Partial<Program> },
  require: NodeJS.Require,
  file: string,
  directory: string,
  url: string,
  keepCompiled: (() => void) | null,
) => void

let loaded: Program | null = null

/** Does what the command line says. */
export async function start(): Promise<void> {
  loaded ??= load()
  await loaded.run()
}

function load(): Program {
  const directory = import.meta.dirname
  const file = join(directory, programName)
  // V8's version, its flags and the processor: what is kept is for these alone.
  const tag = cachedDataVersionTag()
  const kept = `${file}.${tag.toString(16)}.cache`
  const cachedData = readKept(kept)
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, ...(cachedData && { cachedData }) })
  let isToBeKept = false
  const keepCompiled = (): void => {
    if (isToBeKept) return
    isToBeKept = true
    process.on('exit', () => {
      if (cachedDataVersionTag() === tag && process.uptime() < longest) keep(kept, script)
    })
  }
  const module = { exports: {} }
  const isKept = cachedData !== null && script.cachedDataRejected === false
  const program = script.runInThisContext() as ProgramFunction
  program(module, createRequire(file), file, directory, import.meta.url, isKept ? null : keepCompiled)
  return module.exports as Program
}

/** What was kept; null where there is nothing, or not that: V8 trusts what it is given. */
function readKept(file: string): Buffer | null {
  try {
    // Of a FIFO nobody would ever see the end.
    if (!statSync(file).isFile()) return null
    const bytes = readFileSync(file)
    const compiled = bytes.subarray(0, -checksumLength)
    return bytes.readUInt32LE(compiled.length) === crc32(compiled) ? compiled : null
  } catch {
    return null
  }
}

/** Writes what V8 has made of a script, if that may be done. */
function keep(file: string, script: Script): void {
  const unfinished = `${file}.${process.pid}`
  try {
    // To ask takes less time than to make it in vain at the end of each run.
    accessSync(dirname(file), constants.W_OK)
    const compiled = script.createCachedData()
    const checksum = Buffer.alloc(checksumLength)
    checksum.writeUInt32LE(crc32(compiled))
    // Nobody is to read half of it.
    writeFileSync(unfinished, Buffer.concat([compiled, checksum]), { flag: 'wx' })
    renameSync(unfinished, file)
    removeOld(dirname(file))
  } catch {
    remove(unfinished)
  }
}

/**
 * Each version of V8 and each of its flags has a file, and a run that was killed may have left one: few stay, and none
 * of a program that is not there any more. pip takes away what it has installed, and leaves what was written beside it.
 */
function removeOld(directory: string): void {
  const names = readdirSync(directory)
  for (const name of names) {
    const [, program] = /^(program-\w+\.cjs)\./.exec(name) ?? []
    if (program !== undefined && !names.includes(program)) remove(join(directory, name))
  }
  const files = names
    .filter((name) => name.startsWith(`${programName}.`))
    .map((name) => join(directory, name))
    .map((file) => ({ file, time: statSync(file).mtimeMs }))
  for (const { file } of files.sort((a, b) => b.time - a.time).slice(mostFiles)) remove(file)
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // It is of somebody else.
  }
}

/** After so many seconds V8 has thrown away code that was used at the start, which a small run needs. */
const longest = 10

/** Of each of them there are about three megabytes. */
const mostFiles = 8

/** Bytes behind what V8 has made of the program: CRC-32 of that. */
const checksumLength = 4
