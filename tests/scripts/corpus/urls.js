export const meta = { name: 'urls', description: 'Groups sources by site' }
const { links } = await agent('List sources', { schema: { type: 'object', properties: { links: { type: 'array', items: { type: 'string' } } } } })
const parse = (link) => { try { return new URL(link) } catch { return null } }
const sites = new Map()
for (const u of links.map(parse).filter(Boolean)) {
  const site = u.hostname.replace(/^www\./, '')
  sites.set(site, [...(sites.get(site) ?? []), u])
}
return [...sites].map(([site, urls]) => ({
  site,
  pages: urls.map((u) => u.pathname + u.search),
  utm: urls.some((u) => u.searchParams.has('utm_source')),
  secure: urls.every((u) => u.protocol === 'https:'),
  whole: urls.map(String),
}))
