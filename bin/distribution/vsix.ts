import { type ZipEntry, zip } from './zip.ts'

/** What package.json of an extension says that the manifest of its package repeats. */
export interface ExtensionManifest {
  readonly name: string
  readonly displayName: string
  readonly publisher: string
  readonly version: string
  readonly description: string
  readonly keywords: readonly string[]
  readonly categories: readonly string[]
  readonly engines: { readonly vscode: string }
}

/**
 * A package that Visual Studio Code installs; the same bytes for the same contents. It follows what vsce 4 writes:
 * an archive in the Open Packaging Conventions with the files below `extension/`.
 * @param files of the extension by name, with `package.json`, `README.md` and `LICENSE.txt`
 * @returns its file name, and its bytes
 */
export function vsix(
  manifest: ExtensionManifest,
  files: ReadonlyMap<string, Uint8Array>,
): { readonly name: string; readonly bytes: Buffer } {
  const own = { 'package.json': 'Code.Manifest', 'README.md': 'Services.Content.Details', ...license }
  for (const name of Object.keys(own)) if (!files.has(name)) throw new Error(`the extension has no ${name}`)
  const assets = Object.entries(own).map(
    ([name, type]) =>
      `    <Asset Type="Microsoft.VisualStudio.${type}" Path="extension/${name}" Addressable="true"/>\n`,
  )
  const entries: ZipEntry[] = [
    { name: 'extension.vsixmanifest', bytes: Buffer.from(vsixManifest(manifest, assets.join(''))) },
    { name: '[Content_Types].xml', bytes: Buffer.from(contentTypes([...files.keys()])) },
    ...[...files].map(([name, bytes]) => ({ name: `extension/${name}`, bytes })),
  ]
  return { name: `${manifest.name}-${manifest.version}.vsix`, bytes: zip(entries) }
}

const license = { 'LICENSE.txt': 'Services.Content.License' }

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (each) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[each]!)

const vsixManifest = (manifest: ExtensionManifest, assets: string): string => `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${escaped(manifest.name)}" Version="${escaped(manifest.version)}" Publisher="${escaped(
      manifest.publisher,
    )}"/>
    <DisplayName>${escaped(manifest.displayName)}</DisplayName>
    <Description xml:space="preserve">${escaped(manifest.description)}</Description>
    <Tags>${escaped(manifest.keywords.join(','))}</Tags>
    <Categories>${escaped(manifest.categories.join(','))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${escaped(manifest.engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
      <Property Id="Microsoft.VisualStudio.Code.ExecutesCode" Value="true"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
${assets}  </Assets>
</PackageManifest>
`

/** What the files are, by the last part of their names. Source: ECMA-376, part 2, 10.1.2. */
function contentTypes(names: readonly string[]): string {
  const suffixes = new Set(['vsixmanifest', ...names.flatMap((name) => /\.(\w+)$/.exec(name)?.[1] ?? [])])
  const lines = [...suffixes].sort().map((suffix) => {
    const type = types.get(suffix) ?? 'application/octet-stream'
    return `  <Default Extension=".${suffix}" ContentType="${type}"/>\n`
  })
  const others = names.filter((name) => !/\.\w+$/.test(name))
  const overrides = others.map(
    (name) => `  <Override PartName="/extension/${name}" ContentType="application/octet-stream"/>\n`,
  )
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
${lines.join('')}${overrides.join('')}</Types>
`
}

const types = new Map([
  ['cjs', 'application/javascript'],
  ['js', 'application/javascript'],
  ['json', 'application/json'],
  ['md', 'text/markdown'],
  ['txt', 'text/plain'],
  ['vsixmanifest', 'text/xml'],
  ['wasm', 'application/wasm'],
])
