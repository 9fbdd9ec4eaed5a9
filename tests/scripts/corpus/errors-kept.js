export const meta = { name: 'errors-kept', description: 'Causes, custom errors, finally, and errors of several promises' }
const order = []
try {
  try { throw new TypeError('inner', { cause: 'why' }) }
  catch (error) { throw Object.assign(new Error(`outer of ${error.message}`, { cause: error }), { code: 7 }) }
  finally { order.push('finally') }
} catch (error) { order.push(error.message, error.code, error.cause.name, error.cause.cause) }
const settled = await Promise.allSettled([agent('one'), Promise.reject(new RangeError('no')), agent('two')])
order.push(...settled.map((each) => each.value ?? each.reason.name))
try { await Promise.any([Promise.reject(1), Promise.reject(2)]) } catch (error) { order.push(error.constructor.name, error.errors.length) }
const first = await Promise.race([agent('quick', { label: 'quick' }), agent('late', { label: 'late' })])
return { order, first }
