import { fileURLToPath } from 'node:url'
import { asBytes } from '../../analyzer/source/text.ts'
import { wouldBe } from '../places.ts'
import { PlacedText, type PositionEncoding, type TextChange } from './placed-text.ts'

/** A file that an editor has open. */
export interface Document {
  /** As the editor has it. */
  readonly uri: string
  /** Its real path, or the one that it would have. */
  readonly path: string
  readonly version: number
  readonly text: PlacedText
}

/** The files that an editor has open, as it has them. */
export class Documents {
  /** The bytes of open files, by their real paths: what a store reads instead of the disk. */
  readonly texts = new Map<string, Uint8Array>()
  /** Grows with every change. */
  edition = 0
  private readonly byUri = new Map<string, Document>()
  private readonly byPath = new Map<string, Document>()

  constructor(private readonly encoding: PositionEncoding) {}

  /** @returns null for what is no file */
  open(uri: string, version: number, text: string): Document | null {
    const path = pathOf(uri)
    return path === null
      ? null
      : this.put({ uri, path, version, text: new PlacedText('', this.encoding).with([{ text }]) })
  }

  /** @returns null for what is not open */
  change(uri: string, version: number, changes: readonly TextChange[]): Document | null {
    const before = this.byUri.get(uri)
    return before ? this.put({ ...before, version, text: before.text.with(changes) }) : null
  }

  close(uri: string): void {
    const document = this.byUri.get(uri)
    if (document === undefined) return
    this.edition++
    this.byUri.delete(uri)
    this.byPath.delete(document.path)
    this.texts.delete(document.path)
  }

  get(uri: string): Document | null {
    return this.byUri.get(uri) ?? null
  }

  at(path: string): Document | null {
    return this.byPath.get(path) ?? null
  }

  all(): readonly Document[] {
    return [...this.byUri.values()]
  }

  private put(document: Document): Document {
    this.edition++
    this.byUri.set(document.uri, document)
    this.byPath.set(document.path, document)
    this.texts.set(document.path, asBytes(document.text.text))
    return document
  }
}

/** The real path of a file that a URI names; null for what is none. */
export function pathOf(uri: string): string | null {
  try {
    return uri.startsWith('file:') ? wouldBe(fileURLToPath(uri)) : null
  } catch {
    return null
  }
}
