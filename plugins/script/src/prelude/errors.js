// Errors that point at the script's line, and values as people read them in a log.
(engine) => {
  const { host } = engine;
  const WIDEST = 10_000;

  Error.stackTraceLimit = 50;

  // Makes an error that seems to come from the call that `site` was made in: when a reply
  // arrives, the script's own frames are long gone from the stack.
  engine.error = (site, message, kind = Error) => {
    const error = new kind(message);
    Object.defineProperty(error, 'stack', { value: site.stack, writable: true, configurable: true });
    return error;
  };

  // What the host knows a failure by stands at its head, without a class before it.
  const CODED = /^(schema|budget|limit|unknown|isolation|denied|script): /;
  const headline = ({ name, message }) => (name === 'Error' && CODED.test(message) ? message : `${name}: ${message}`);

  // The script's own error, as the run's failure.
  engine.describe = (error) => {
    // QuickJS throws null where no memory is left even for an error.
    if (error === null) return 'the script threw null: unless it says so itself, its memory is used up';
    if (!(error instanceof Error)) return `the script threw ${engine.show(error)}`;
    const lines = [headline(error), host.frames(String(error.stack))];
    if (error.cause !== undefined) lines.push(`caused by ${engine.describe(error.cause)}`);
    return lines.filter(Boolean).join('\n');
  };

  // The same in one line, for the log.
  engine.brief = (error) => {
    if (!(error instanceof Error)) return engine.show(error);
    const place = host.place(String(error.stack));
    return place ? `${headline(error)} (${place})` : headline(error);
  };

  // A line of the engine's own, told apart from the script's lines by its head.
  engine.notice = (message) => host.log('warn', engine.plain(`lazaret: ${message}`.toWellFormed()));

  const special = (value) => {
    if (value instanceof Error) return engine.brief(value);
    if (value instanceof Map) return { Map: [...value] };
    if (value instanceof Set) return { Set: [...value] };
    if (value instanceof RegExp) return String(value);
    return value;
  };

  const replacer = () => {
    const above = [];
    return function (key, value) {
      if (typeof value === 'bigint') return `${value}n`;
      if (typeof value === 'function') return `[function ${value.name}]`;
      if (typeof value === 'symbol') return String(value);
      if (typeof value !== 'object' || value === null || engine.isOpaque(value)) return value;
      while (above.length && above.at(-1) !== this) above.pop();
      if (above.includes(value)) return '[circular]';
      const shown = special(value);
      if (typeof shown === 'object') above.push(shown);
      return shown;
    };
  };

  const render = (value) => {
    if (typeof value !== 'object' || value === null || engine.isOpaque(value)) return String(value);
    const shown = special(value);
    if (typeof shown === 'string') return shown;
    try {
      return engine.stringify(shown, replacer());
    } catch (error) {
      return `[unprintable: ${error.message}]`;
    }
  };

  // Any value as text, never failing, cut where it gets long.
  engine.show = (value) => {
    const text = engine.plain(render(value).toWellFormed());
    return text.length > WIDEST ? `${text.slice(0, WIDEST)}… (${text.length} characters)` : text;
  };

  // Tells what kind of thing stands where something else was expected.
  engine.kind = (value) => {
    if (value === null) return 'null';
    if (engine.isOpaque(value)) return 'an opaque value';
    if (Array.isArray(value)) return 'a list';
    if (value instanceof Promise) return 'a promise';
    return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
  };
}
