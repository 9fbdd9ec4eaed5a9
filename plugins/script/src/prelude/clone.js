// `structuredClone`: deep, with cycles; what cannot be cloned is refused.
(engine) => {
  const refuse = (value) => {
    const error = new Error(`${engine.show(value)} could not be cloned`);
    error.name = 'DataCloneError';
    throw error;
  };

  const copies = [
    [Date, (value) => new Date(value.getTime())],
    [RegExp, (value) => new RegExp(value.source, value.flags)],
    [ArrayBuffer, (value) => value.slice(0)],
  ];

  const clone = (value, seen) => {
    if (typeof value === 'function' || typeof value === 'symbol') refuse(value);
    if (typeof value !== 'object' || value === null || engine.isOpaque(value)) return value;
    if (seen.has(value)) return seen.get(value);
    const keep = (copy) => {
      seen.set(value, copy);
      return copy;
    };
    const inner = (each) => clone(each, seen);
    for (const [kind, copy] of copies) if (value instanceof kind) return keep(copy(value));
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) refuse(value);
    if (ArrayBuffer.isView(value)) {
      const buffer = inner(value.buffer);
      return keep(new value.constructor(buffer, value.byteOffset, value.length ?? value.byteLength));
    }
    if (value instanceof Map) {
      const copy = keep(new Map());
      for (const [key, each] of value) copy.set(inner(key), inner(each));
      return copy;
    }
    if (value instanceof Set) {
      const copy = keep(new Set());
      for (const each of value) copy.add(inner(each));
      return copy;
    }
    if (value instanceof Error) {
      const copy = keep(Object.create(Object.getPrototypeOf(value)));
      for (const name of ['message', 'stack', 'cause']) {
        if (name in value) Object.defineProperty(copy, name, { value: inner(value[name]), writable: true, configurable: true });
      }
      return copy;
    }
    const copy = keep(Array.isArray(value) ? new Array(value.length) : {});
    for (const key of Object.keys(value)) copy[key] = inner(value[key]);
    return copy;
  };

  engine.globals.structuredClone = function structuredClone(value) {
    return clone(value, new Map());
  };
}
