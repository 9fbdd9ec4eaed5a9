export const meta = { name: 'unicode – 統一', description: 'Texts of all kinds, halves of characters too' }
const text = await agent('Grüße, 世界! 👩‍👩‍👧 “quoted” \\ \u0007', { label: 'é'.normalize('NFD') })
const cut = '👋🌍'.slice(0, 3)
const again = await agent(`cut: ${cut.toWellFormed()}`)
return { text, points: [...'👋🌍'].length, cut: cut.length, again, line: 'a\u2028b' }
