export const meta = { name: 'workflow-failures', description: 'What a nested workflow can do wrong' }
const attempt = async (ref) => {
  try {
    return await workflow(ref, {})
  } catch (error) {
    return `threw ${error instanceof Error}`
  }
}
return {
  unknown: await attempt('no-such'),
  path: await attempt({ scriptPath: 'gone.js' }),
  syntax: await attempt('broken'),
  thrown: await attempt('thrower'),
  trapped: await attempt('trapper'),
  denied: await attempt('forbidden'),
  skipped: await attempt('skipped'),
}
