import type { CollectContext } from '../facts/context.ts'
import type { FileFacts } from '../facts/file-facts.ts'
import type { WasmFile } from '../syntax/grammar.ts'
import type { SourceText } from './source-text.ts'

/** A file that is shipped with the tool: the table of the C API, or a part of the parser. */
export type AssetName = 'table.json' | WasmFile

/**
 * Loads a file that is shipped with the tool. What was loaded is kept for the loader, so that all workspaces with the
 * same function share it.
 * @returns its bytes
 * @throws where it cannot be had
 */
export type AssetLoader = (name: AssetName) => Promise<Uint8Array>

/** Where a workspace has its sources and assets from: the only way by which it touches the world. */
export interface Store {
  /** The absolute path of the directory that names are relative to, with `/`, as compilation databases have it. */
  readonly root: string
  readonly asset: AssetLoader
  /**
   * Reads a file.
   * @param name relative to the root, with `/`
   * @returns its bytes, or why there are none: `there is no such file or directory`; `isThere` where something has that
   * name that is no directory
   */
  read(name: string): { readonly bytes: Uint8Array } | { readonly problem: string; readonly isThere?: boolean }
  /**
   * Looks for a file that something includes.
   * @param path relative to the root, with `/`; it may lead out of the root and back
   * @returns the name by which it is read and reported; null where there is none
   */
  find(path: string): string | null
  /**
   * Is told in which directories the build looks for headers, so that they are read from there.
   * @param directories absolute, or relative to the root
   */
  readsFrom?(directories: readonly string[]): void
  /**
   * Is told before the parser is started how much there is.
   * @param bytes of all sources together
   */
  prepare?(bytes: number): void
  /** Is told that so much may be found that memory counts more than time. */
  spareMemory?(): void
  /** What collects facts in several threads, where there is such a thing. */
  readonly threads?: Threads
}

/** Collects the facts of many files at once. */
export interface Threads {
  /** Starting them costs as much as parsing this many bytes. */
  readonly worthwhile: number
  /**
   * Collects the facts of texts.
   * @param progress is told how many are done of how many, the last time that all are
   * @returns an answer for each text, in their order
   * @throws where a thread dies
   */
  collect(texts: readonly SourceText[], context: CollectContext, progress: Progress): Promise<Answer[]>
}

/** Is told how many files are done of how many. */
export type Progress = (done: number, all: number) => void

/** What came of a text: its facts, or what went wrong with it. */
export type Answer =
  | { readonly index: number; readonly facts: FileFacts }
  | { readonly index: number; readonly fault: string }
