/**
 * Promises that settle within one call of the component.
 *
 * A component is called and returns; nothing of it runs in between, and the engine's own
 * queue is not run for it. So `Promise` is replaced by one whose queue {@link drain} runs;
 * the bundler writes `async` and `await` in terms of it.
 */

type Job = () => void
type Settle<T> = (value: T | PromiseLike<T>) => void

const queue: Job[] = []

/** Runs what waits until nothing does. */
export function drain(): void {
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    job()
  }
}

type State<T> = { tag: 'open' } | { tag: 'value'; value: T } | { tag: 'error'; error: unknown }

/** As in the language (ECMA-262, 27.2), with a queue of its own. */
export class LocalPromise<T> implements PromiseLike<T> {
  #state: State<T> = { tag: 'open' }
  #waiting: Job[] = []

  constructor(executor: (resolve: Settle<T>, reject: (error: unknown) => void) => void) {
    const { resolve, reject } = this.#settlers()
    try {
      executor(resolve, reject)
    } catch (error) {
      reject(error)
    }
  }

  #settlers(): { resolve: Settle<T>; reject: (error: unknown) => void } {
    let open = true
    const once = (act: Job) => {
      if (open) {
        open = false
        act()
      }
    }
    return {
      resolve: (value) => once(() => this.#resolve(value)),
      reject: (error) => once(() => this.#settle({ tag: 'error', error })),
    }
  }

  #resolve(value: T | PromiseLike<T>): void {
    if (value === (this as unknown)) {
      this.#settle({ tag: 'error', error: new TypeError('a promise cannot be its own value') })
      return
    }
    let then: unknown
    try {
      const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
      then = isObject ? (value as PromiseLike<T>).then : undefined
    } catch (error) {
      this.#settle({ tag: 'error', error })
      return
    }
    if (typeof then !== 'function') {
      this.#settle({ tag: 'value', value: value as T })
      return
    }
    const { resolve, reject } = this.#settlers()
    queue.push(() => {
      try {
        Reflect.apply(then as Function, value, [resolve, reject])
      } catch (error) {
        reject(error)
      }
    })
  }

  #settle(state: State<T>): void {
    this.#state = state
    queue.push(...this.#waiting)
    this.#waiting = []
  }

  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): LocalPromise<A | B> {
    return new LocalPromise<A | B>((resolve, reject) => {
      const job = () => {
        const state = this.#state
        try {
          if (state.tag === 'value') {
            resolve(typeof onValue === 'function' ? onValue(state.value) : (state.value as unknown as A))
          } else if (state.tag === 'error') {
            if (typeof onError === 'function') {
              resolve(onError(state.error))
            } else {
              reject(state.error)
            }
          }
        } catch (error) {
          reject(error)
        }
      }
      if (this.#state.tag === 'open') {
        this.#waiting.push(job)
      } else {
        queue.push(job)
      }
    })
  }

  catch<B>(onError: (error: unknown) => B | PromiseLike<B>): LocalPromise<T | B> {
    return this.then(null, onError)
  }

  finally(act: () => void): LocalPromise<T> {
    return this.then(
      (value) => LocalPromise.resolve(act()).then(() => value),
      (error) => LocalPromise.resolve(act()).then(() => { throw error }),
    )
  }

  static resolve<T>(value?: T | PromiseLike<T>): LocalPromise<T> {
    return value instanceof LocalPromise ? value : new LocalPromise<T>((resolve) => resolve(value as T))
  }

  static reject<T = never>(error: unknown): LocalPromise<T> {
    return new LocalPromise<T>((_, reject) => reject(error))
  }

  static withResolvers<T>() {
    let resolve!: Settle<T>
    let reject!: (error: unknown) => void
    const promise = new LocalPromise<T>((yes, no) => { resolve = yes; reject = no })
    return { promise, resolve, reject }
  }

  static all<T>(values: Iterable<T | PromiseLike<T>>): LocalPromise<T[]> {
    return each(values, (item, done, _, fail) => item.then(done, fail))
  }

  static allSettled<T>(values: Iterable<T | PromiseLike<T>>): LocalPromise<unknown[]> {
    return each(values, (item, done: (value: unknown) => void) => item.then(
      (value) => done({ status: 'fulfilled', value }),
      (reason) => done({ status: 'rejected', reason }),
    ))
  }

  static race<T>(values: Iterable<T | PromiseLike<T>>): LocalPromise<T> {
    return new LocalPromise((resolve, reject) => {
      for (const value of values) {
        LocalPromise.resolve(value).then(resolve, reject)
      }
    })
  }

  static any<T>(values: Iterable<T | PromiseLike<T>>): LocalPromise<T> {
    const errors = each<T, unknown>(values, (item, done, finish) => item.then(finish, done))
    return errors.then((all) => {
      const { finished } = all as Finished
      if (finished === undefined) throw new AggregateError(all, 'all promises were rejected')
      return finished.value as T
    })
  }

  get [Symbol.toStringTag](): string {
    return 'Promise'
  }
}

interface Finished {
  finished?: { value: unknown }
}

/** Waits for every item; each says when it is done, when all are, and when all failed. */
function each<T, R>(
  values: Iterable<T | PromiseLike<T>>,
  start: (
    item: LocalPromise<T>,
    done: (value: R) => void,
    finish: (value: unknown) => void,
    fail: (error: unknown) => void,
  ) => void,
): LocalPromise<R[]> {
  return new LocalPromise((resolve, reject) => {
    const results: R[] = []
    let open = 1
    const close = () => {
      open -= 1
      if (open === 0) {
        resolve(results)
      }
    }
    let count = 0
    for (const value of values) {
      const index = count
      count += 1
      open += 1
      const done = (result: R) => { results[index] = result; close() }
      const finish = (result: unknown) => resolve(Object.assign([], { finished: { value: result } }))
      start(LocalPromise.resolve(value), done, finish, reject)
    }
    close()
  })
}

globalThis.Promise = LocalPromise as unknown as PromiseConstructor
globalThis.queueMicrotask = (job: Job) => { queue.push(job) }

/** Runs a function to its end, `async` or not. */
export function settled<T>(run: () => T | PromiseLike<T>): { done: true; value: T } | { done: false } {
  let outcome: State<T> = { tag: 'open' }
  new LocalPromise<T>((resolve) => resolve(run())).then(
    (value) => { outcome = { tag: 'value', value } },
    (error) => { outcome = { tag: 'error', error } },
  )
  drain()
  const ended = outcome as State<T>
  if (ended.tag === 'error') {
    throw ended.error
  }
  return ended.tag === 'value' ? { done: true, value: ended.value } : { done: false }
}
