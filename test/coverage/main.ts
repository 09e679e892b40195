import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../tidy/source-tree.ts'
import { pageFile, wantedPage } from './page.ts'

/** `npm run coverage`: writes the page that says which test proves which row. */
writeFileSync(join(root, pageFile), wantedPage())
