import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { playground } from './make.ts'

/** `npm run playground`: writes the page into `.cache/playground/index.html`, or into the file named. */
const file = process.argv[2] ?? '.cache/playground/index.html'
const page = await playground()
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, page)
console.log(`${file}: ${page.length} bytes, ${gzipSync(page, { level: 9 }).length} compressed`)
