// `setTimeout`: a request to the host, since time passes only between turns.
(engine) => {
  const { globals } = engine;
  const LONGEST = 2 ** 31 - 1;

  globals.setTimeout = function setTimeout(callback, delay, ...values) {
    const site = new Error();
    if (typeof callback !== 'function') {
      throw engine.error(site, `setTimeout() takes a function, and got ${engine.kind(callback)}`, TypeError);
    }
    const ms = Math.min(LONGEST, Math.max(0, Math.trunc(Number(delay)) || 0));
    return engine.askWith({ wait: ms }, () => {
      try {
        callback(...values);
      } catch (error) {
        engine.notice(`a timer's function threw: ${engine.brief(error)}`);
      }
    });
  };

  globals.clearTimeout = function clearTimeout(id) {
    if (typeof id === 'number' && engine.forget(id)) engine.tell({ cancel: id });
  };
}
