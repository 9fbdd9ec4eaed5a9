export const meta = { name: 'patterns', description: 'Named groups, lookbehind, sticky and Unicode patterns, as scripts parse answers' }
const text = await agent('List the findings')
const line = /^-\s*(?<file>[\w./-]+):(?<line>\d+)\s+(?<what>.+)$/gmu
const found = [...text.matchAll(line)].map(({ groups: { file, line, what } }) => ({ file, line: Number(line), what }))
const words = text.match(/\p{Lu}\p{L}+/gu)
const price = /(?<=\$)\d+(?:\.\d{2})?/.exec(text)?.[0]
const cleaned = text.replace(/(?<head>^|\n)-\s*/g, '$<head>* ').replaceAll(/\s+$/gm, '')
const sticky = /a+/y
sticky.lastIndex = 2
return { found, words, price, cleaned, sticky: [sticky.test('bbaa'), sticky.lastIndex], split: 'a1b22c'.split(/\d+/) }
